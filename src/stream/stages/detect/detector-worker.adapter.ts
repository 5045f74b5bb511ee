/**
 * The detector thread: letterbox, inference, decoding and NMS off the main thread.
 * Started by `cpu-detector.adapter.ts`, which retains the frames; here they are only read.
 */
import type { Detection } from '../../../shared/domain/detection.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { serveInference, type InferenceService } from '../../inference/inference-server.adapter.js';
import { OnnxSession } from '../../inference/onnx-session.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { createDecoder } from './decoders.js';
import type { DetectRequest, DetectorSetup } from './detector-messages.js';
import { FrameDetector } from './frame-detector.js';
import { TensorFinder, type InferencePort } from './tensor-finder.js';

await serveInference(open);

/** Loads addon and network, and runs the network once. */
async function open(setup: DetectorSetup): Promise<InferenceService<DetectRequest, readonly Detection[]>> {
  const { decoder, kind, expectedPicture, pixels } = setup;
  const addon = loadAddon();
  const session = await OnnxSession.open(setup);
  // Detector and finder read the thresholds from here, for each frame.
  const options = { ...setup, decode: createDecoder(decoder, kind) };
  const detector = new FrameDetector(options);
  const finder = new TensorFinder(options);
  const run: InferencePort['run'] = (tensor, { width, height }) =>
    session.run(tensor, pixels.order === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]);
  await finder.warmUp(run, detector.inputFor(expectedPicture));

  const portFor = (handle: FrameHandle): InferencePort => ({
    letterbox: (crop, input, tensor) =>
      addon.letterbox(handle, { ...input, ...pixels, ...(crop === undefined ? {} : { crop }) }, tensor),
    run,
  });
  return {
    answer: ({ handle, picture, hints, thresholds }) => {
      Object.assign(options, thresholds);
      return detector.detect(finder.in(portFor(handle)), picture, hints);
    },
    close: () => session.close(),
  };
}
