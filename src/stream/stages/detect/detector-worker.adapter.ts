/**
 * The detector thread: letterbox, inference, decoding and NMS off the main thread.
 * Started by `cpu-detector.adapter.ts`, which retains the frames; here they are only read.
 */
import { readFile } from 'node:fs/promises';
import type { Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { serveInference, type InferenceService } from '../../inference/inference-server.adapter.js';
import { OnnxSession, type OnnxSessionOptions } from '../../inference/onnx-session.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { takeAnyInputSize } from '../../onnx/any-input-size.js';
import { decodeOnnx, encodeOnnx } from '../../onnx/onnx-file.js';
import { createDecoder } from './decoders.js';
import type { DetectAnswer, DetectRequest, DetectorSetup, NetworkSetup } from './detector-messages.js';
import { FaceAttacher } from './face-attacher.js';
import { FrameDetector, type CropPort } from './frame-detector.js';
import { PoseAttacher } from './pose-attacher.js';
import { PoseNetwork } from './pose-network.adapter.js';
import { TensorFinder, type InferencePort } from './tensor-finder.js';

/** Sides of BlazeFace's input are multiples of its largest stride, pixels. */
const BLAZEFACE_MULTIPLE = 32;

/** Loads addon and networks, and runs each once. */
async function open(setup: DetectorSetup): Promise<InferenceService<DetectRequest, DetectAnswer>> {
  // Detector and finder read the thresholds from here, for each frame.
  const { isThrifty } = setup;
  const options = { ...setup, ...(isThrifty && { ...(await readNetwork(setup)), ...knownSideOf(setup) }) };
  const detector = new FrameDetector(options);
  const people = await OpenNetwork.open(options, detector.inputFor(setup.expectedPicture));
  const faces = setup.faces && (await openFaces(setup.faces, isThrifty));
  const pose = setup.pose && (await PoseNetwork.open(setup.pose));
  const poseAttacher = setup.pose && new PoseAttacher(setup.pose.inputSize);
  return {
    answer: async ({ handle, picture, ptsMs, hints, thresholds }) => {
      Object.assign(options, thresholds);
      const found = await detector.detect(people.in(handle, isThrifty ? picture : undefined), picture, hints, ptsMs);
      const posed = pose && (await poseAttacher?.attach(pose.in(handle), found, ptsMs));
      const heads = posed?.people ?? found;
      const detections = faces ? await faces.attacher.attach(faces.network.in(handle), heads, picture) : heads;
      return { detections, ...(posed && { poses: posed.poses }) };
    },
    close: async () => {
      await people.close();
      await faces?.network.close();
      await pose?.close();
    },
  };
}

/** YuNet that takes any size finds near faces as well with a quarter of the pixels. */
const knownSideOf = ({ decoder, inputSize, inputLongSide }: DetectorSetup): Pick<DetectorSetup, 'knownLongSide'> =>
  decoder.type === 'yunet' && 'multipleOf' in inputSize ? { knownLongSide: inputLongSide / 2 } : {};

async function openFaces(given: NetworkSetup, isThrifty = false) {
  const setup = { ...given, ...(isThrifty && (await readNetwork(given))) };
  const attacher = new FaceAttacher(setup.inputSize);
  return { attacher, network: await OpenNetwork.open(setup, attacher.inputFor(setup.inputSize)) };
}

/** What the network is opened with; see `takeAnyInputSize`. */
async function readNetwork({ decoder, path, inputSize }: NetworkSetup) {
  if (decoder.type !== 'blazeface' || 'multipleOf' in inputSize) return {};
  const content = await readFile(path).catch(() => undefined);
  const anySize = content && withAnyInputSize(content, path);
  return anySize && { content: anySize, inputSize: { multipleOf: BLAZEFACE_MULTIPLE }, inputLongSide: inputSize.width };
}

/** A file that cannot be read or is another network is left to those who open it. */
function withAnyInputSize(content: Uint8Array, path: string): Uint8Array | undefined {
  try {
    const model = decodeOnnx(content, path);
    return takeAnyInputSize(model) ? encodeOnnx(model) : undefined;
  } catch {
    return undefined;
  }
}

/** A network of this thread, and what reads the parts of a picture with it. */
class OpenNetwork {
  readonly #session: OnnxSession;
  readonly #finder: TensorFinder;
  readonly #pixels: NetworkSetup['pixels'];
  readonly #addon = loadAddon();

  private constructor(session: OnnxSession, finder: TensorFinder, pixels: NetworkSetup['pixels']) {
    this.#session = session;
    this.#finder = finder;
    this.#pixels = pixels;
  }

  /** Opens the network and runs it once; the threshold of `setup` is read anew for each frame. */
  static async open(setup: NetworkSetup & Pick<OnnxSessionOptions, 'content'>, input: Size): Promise<OpenNetwork> {
    const session = await OnnxSession.open(setup);
    const finder = new TensorFinder({
      decode: createDecoder(setup.decoder, setup.kind),
      get scoreThreshold() {
        return setup.scoreThreshold;
      },
    });
    const network = new OpenNetwork(session, finder, setup.pixels);
    await finder.warmUp(network.#run, input);
    return network;
  }

  /** In this frame; with its size, pixels, also small. */
  in(handle: FrameHandle, picture?: Size): CropPort {
    const port: InferencePort = {
      letterbox: (crop, input, tensor) =>
        this.#addon.letterbox(handle, { ...input, ...this.#pixels, ...(crop === undefined ? {} : { crop }) }, tensor),
      run: this.#run,
      ...(picture && {
        sketchOf: (step) => ({
          luma: this.#addon.lumaMeans(handle, step),
          columns: Math.ceil(picture.width / step),
        }),
      }),
    };
    return this.#finder.in(port);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  readonly #run: InferencePort['run'] = (tensor, { width, height }) =>
    this.#session.run(tensor, this.#pixels.order === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]);
}

await serveInference(open);
