/**
 * The detector thread: letterbox, inference, decoding and NMS away from the thread that decides.
 * Started by `detector.adapter.ts`, which also owns the frames; here they are only read.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { DiptychError } from '#domain/errors.js';
import type { FrameHandle } from '#domain/frame.js';
import { OnnxSession } from '#inference/onnx-session.adapter.js';
import { ThreadGate } from '#inference/thread-gate.js';
import { loadAddon } from '#native/addon.adapter.js';
import { createDecoder } from './decoders.js';
import type { DetectorReply, DetectorRequest, DetectorSetup } from './detector-messages.js';
import { FrameDetector, type InferencePort } from './frame-detector.js';

if (parentPort === null) throw new Error('detector-worker.adapter.js runs in a worker thread only');
await serve(parentPort, workerData as DetectorSetup);

async function serve(port: MessagePort, setup: DetectorSetup): Promise<void> {
  const reply = (message: DetectorReply): void => port.postMessage(message);
  const gate = new ThreadGate(setup.gate);
  try {
    const { detector, session, portFor } = await gate.pass(() => open(setup));

    // Requests are served one after the other: the tensor is one, and so is the session.
    let last = Promise.resolve();
    port.on('message', (request: DetectorRequest) => {
      last = last.then(async () => {
        if (request.type === 'close') {
          await gate.pass(() => session.close());
          port.close();
          return;
        }
        const { id, handle, picture, hints } = request;
        try {
          const detections = await gate.pass(() => detector.detect(portFor(handle), picture, hints));
          reply({ type: 'found', id, detections });
        } catch (error) {
          reply({ type: 'failed', id, ...describe(error) });
        }
      });
    });
    reply({ type: 'ready' });
  } catch (error) {
    reply({ type: 'failed', ...describe(error) });
    port.close();
  }
}

/** Loads everything and runs the network once. */
async function open(setup: DetectorSetup) {
  const { decoder, kind, expectedPicture, pixels } = setup;
  const addon = loadAddon();
  const session = await OnnxSession.open(setup);
  const detector = new FrameDetector({ ...setup, decode: createDecoder(decoder, kind) });
  const run: InferencePort['run'] = (tensor, { width, height }) =>
    session.run(tensor, pixels.order === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]);
  await detector.warmUp({ run }, expectedPicture);

  const portFor = (handle: FrameHandle): InferencePort => ({
    letterbox: (crop, input, tensor) =>
      addon.letterbox(handle, { ...input, ...pixels, ...(crop === undefined ? {} : { crop }) }, tensor),
    run,
  });
  return { detector, session, portFor };
}

function describe(error: unknown): Pick<Extract<DetectorReply, { type: 'failed' }>, 'code' | 'message'> {
  if (error instanceof DiptychError) return { code: error.code, message: error.message };
  return { code: 'DIPTYCH_E_INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
