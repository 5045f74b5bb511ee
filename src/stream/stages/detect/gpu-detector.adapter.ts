import type { Size } from '../../../shared/domain/box.js';
import type { DetectConfig } from '../../../shared/config/schema.js';
import { withResources } from '../../../shared/resource-stack.js';
import { toGpuError } from '../../backend/gpu/gpu-error.js';
import type { GpuModels, OpenGpuModel } from '../../backend/gpu/gpu-models.adapter.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import type { DetectorEntry } from '../../models/manifest.js';
import type { ModelFile, ResolvedDetector } from '../../models/model-file.js';
import type { ModelStore } from '../../models/model-store.adapter.js';
import { sketchStep } from '../../domain/sketch-step.js';
import type { NativeAddon } from '../../native/types.js';
import { candidateSpecOf, readCandidates } from './candidates.js';
import type { Detector } from './detector.js';
import { FaceAttacher, MIN_FACE_SCORE } from './face-attacher.js';
import { FrameDetector, type CropPort } from './frame-detector.js';
import { GpuPose } from './gpu-pose.adapter.js';

/** What a detector on the GPU works with. */
export interface GpuDetectorDeps {
  /** Runs networks on the GPU and keeps frames alive meanwhile. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release' | 'detectOnGpu' | 'embedOnGpu' | 'gpuLostReason'>;
  /** Opens networks on the GPU. */
  readonly models: Pick<GpuModels, 'open'>;
  /** Finds the model's file, or fetches it. */
  readonly store: Pick<ModelStore, 'resolveDetector'>;
  /** Path of the file that runs on the GPU in place of the model's, e.g. one in half precision. */
  readonly pathFor: (file: ModelFile) => Promise<string>;
  /** Expected size of the frames, for which the network is opened, pixels. @defaultValue 1920×1080 */
  readonly expectedPicture?: Size;
  /** Stops the fetching of the model. */
  readonly signal?: AbortSignal;
}

const FULL_HD: Size = { width: 1920, height: 1080 };

/**
 * Opens a detector on the GPU: letterbox, network and the search for candidates run there, NMS here. Takes frames
 * in GPU memory; several may be under way, and the regions of one picture share a batch.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where no model can be loaded, `DIPTYCH_E_GPU` where the
 * GPU cannot run it, `DIPTYCH_E_GPU_LOST`; `detect` rejects with the same codes.
 */
export async function createGpuDetector(config: DetectConfig, deps: GpuDetectorDeps): Promise<Detector> {
  const file = await deps.store.resolveDetector(config.model, deps.signal, config.pose);
  const { entry, reason, faces, pose: poseFile } = file;
  const { addon } = deps;
  const { size } = entry.input;
  const detector = new FrameDetector({
    inputSize: size,
    // A network is opened for one size, so that there is only the one for people who are far.
    inputLongSide: 'longSides' in size && size.longSides ? size.longSides[1] : config.inputWidth,
    get nmsIou() {
      return config.nmsIou;
    },
    regions: entry.regions,
  });
  const networks = await withResources(async (opened) => {
    const input = detector.inputFor(deps.expectedPicture ?? FULL_HD);
    const people = opened.adopt(await GpuFinder.open(file, input, deps), (each) => each.close());
    const faceFinder = faces && (await openFaces(faces, deps));
    opened.defer(() => faceFinder?.finder.close());
    const pose = poseFile && opened.adopt(await GpuPose.open(poseFile, deps), (each) => each.close());
    return { people, faceFinder, pose, kept: opened.move() };
  });
  const { people, faceFinder, pose } = networks;

  return {
    model: entry.name,
    reason,
    detect: async ({ handle, width, height, ptsMs }, hints = []) => {
      const picture = { width, height };
      addon.retain(handle);
      try {
        const step = sketchStep(picture);
        const port = people.in(handle, config.scoreThreshold, step);
        const found = await detector.detect(port, picture, hints);
        const luma = port.sketch;
        const posed = await pose?.attacher.attach(pose.in(handle), found, ptsMs);
        const heads = posed?.people ?? found;
        const detections = faceFinder
          ? await faceFinder.attacher.attach(faceFinder.finder.in(handle, MIN_FACE_SCORE), heads, picture)
          : heads;
        const poses = posed && { poses: posed.poses };
        const sketch = luma && { luma, columns: Math.ceil(width / step) };
        return { ptsMs, detections, ...poses, ...(faces && { bodies: true }), ...(sketch && { sketch }) };
      } catch (error) {
        throw toGpuError(error, 'detecting', addon.gpuLostReason());
      } finally {
        addon.release(handle);
      }
    },
    close: () => networks.kept.close(),
  };
}

async function openFaces(faces: ResolvedDetector, deps: GpuDetectorDeps) {
  const attacher = new FaceAttacher(faces.entry.input.size);
  return { attacher, finder: await GpuFinder.open(faces, attacher.inputFor(FULL_HD), deps) };
}

/** A model on the GPU, and what finds with it in a part of a picture. */
class GpuFinder {
  readonly #entry: DetectorEntry;
  readonly #networks: SizedNetworks;
  readonly #addon: GpuDetectorDeps['addon'];

  private constructor(entry: DetectorEntry, networks: SizedNetworks, addon: GpuDetectorDeps['addon']) {
    this.#entry = entry;
    this.#networks = networks;
    this.#addon = addon;
  }

  /** Opens the model for an input of this size, pixels. */
  static async open(file: ResolvedDetector, input: Size, deps: GpuDetectorDeps): Promise<GpuFinder> {
    const { entry } = file;
    const { channels, order, mean, scale, pad } = entry.input;
    const path = await deps.pathFor(file);
    const networks = new SizedNetworks(({ width, height }) =>
      deps.models.open({
        path,
        inputName: entry.input.name ?? '',
        outputNames: entry.outputs ?? [],
        input: { width, height, channels, order, mean, scale, pad },
        decode: candidateSpecOf(entry.decoder),
      }),
    );
    await networks.for(input);
    return new GpuFinder(entry, networks, deps.addon);
  }

  /**
   * Finds in this frame.
   *
   * @param step - of a small picture that the first answer brings along, ≥ 1; absent for none
   */
  in(handle: FrameHandle, leastScore: number, step?: number): CropPort & { readonly sketch?: Uint8Array } {
    const entry = this.#entry;
    const kind = entry.task === 'face-detector' ? 'face' : 'person';
    let sketchStep = step;
    const port: CropPort & { sketch?: Uint8Array } = {
      find: async (crop, input) => {
        const { id } = await this.#networks.for(input);
        const scoreThreshold = Math.max(leastScore, entry.minScore);
        const request = { scoreThreshold, ...(crop && { crop }), ...(sketchStep !== undefined && { sketchStep }) };
        sketchStep = undefined;
        const candidates = await this.#addon.detectOnGpu(id, handle, request);
        if (candidates.sketch) port.sketch = candidates.sketch;
        const { ratio, offset } = candidates.mapping;
        const mapping = { ratio, offset, origin: crop ?? { x: 0, y: 0 } };
        return readCandidates(candidates, { spec: entry.decoder, kind, mapping });
      },
    };
    return port;
  }

  close(): Promise<void> {
    return this.#networks.close();
  }
}

/** One network, for the size of input asked for last; another size replaces it. */
class SizedNetworks {
  readonly #open: (input: Size) => Promise<OpenGpuModel>;
  #current: { readonly input: Size; readonly network: Promise<OpenGpuModel> } | undefined;

  constructor(open: (input: Size) => Promise<OpenGpuModel>) {
    this.#open = open;
  }

  for(input: Size): Promise<OpenGpuModel> {
    const current = this.#current;
    if (current?.input.width === input.width && current.input.height === input.height) return current.network;
    const network = this.#open(input);
    this.#current = { input, network };
    // Closing waits for what is under way.
    void current?.network.then((former) => former.close()).catch(() => undefined);
    return network;
  }

  async close(): Promise<void> {
    const network = await this.#current?.network.catch(() => undefined);
    await network?.close();
  }
}
