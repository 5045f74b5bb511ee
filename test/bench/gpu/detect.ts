import { setTimeout as sleep } from 'node:timers/promises';
import { streamConfigFor } from '#src/bench/measured-chain.js';
import { rounded } from '#src/bench/measure.js';
import { longClip } from './long-clip.adapter.js';
import type { OpenGpuModel } from '#src/stream/backend/gpu/gpu-models.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { loadTestAddon } from '../../integration/native/test-addon.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { createGpuDetector } from '#src/stream/stages/detect/gpu-detector.adapter.js';
import type { Detector } from '#src/stream/stages/detect/detector.js';
import { ByteTracker } from '#src/stream/stages/track/byte-tracker.js';
import { requireGpu } from './required-gpu.js';
import { framesOf } from './frames.js';
import { summed, timeCalls, type Measure } from './measure.js';
import { halfOf, shapedNetwork } from './networks.js';
import type { Step, StepContext } from './step.js';

const GOALS = { singleMs: 1.6, batchedMs: 0.5, trackedMs: 1.8 };
const BATCHES = [1, 4, 8];
const ASKERS_FORGOTTEN_MS = 300;

interface Opened {
  readonly detector: Detector;
  readonly network: OpenGpuModel;
}

/** From a frame in the GPU's memory to boxes: letterbox, network, candidates, NMS; with tracks, too. */
export const detect: Step = {
  summary: 'YOLOv8n-shaped 640: frame on the GPU to boxes, batches over streams, and tracks',
  limitS: 120,
  async run(context) {
    const { isQuick, put } = context;
    const addon = loadTestAddon();
    await requireGpu();
    const frames = await framesOf(addon, await longClip(), { memory: 'cuda' });
    for (const precision of isQuick ? (['fp16'] as const) : (['fp16', 'fp32'] as const)) {
      const opened: Opened[] = [];
      for (let i = 0; i < Math.max(...BATCHES); i += 1) opened.push(await openDetector(precision));
      const { network } = opened[0]!;
      const { isUsed, reason } = network.graph;
      process.stderr.write(
        `${precision}: ${network.provider}, CUDA graph ${isUsed ? 'used' : `not used: ${reason}`}\n`,
      );
      for (const batch of BATCHES) {
        if (batch <= opened.length) await measureBatch(opened.slice(0, batch), frames, precision, context);
      }
      await measureTracking(opened[0]!.detector, frames, precision, context);
      for (const { detector } of opened) await detector.close();
    }
    const found = await detectOnce(frames[0]!);
    put({ what: 'people found in one frame by the network (random weights)', unit: '', value: found });
    for (const { handle } of frames) addon.release(handle);
  },
};

async function openDetector(precision: 'fp16' | 'fp32'): Promise<Opened> {
  const { models } = await requireGpu();
  const stream = streamConfigFor(await longClip(), { width: 1920, height: 1080 });
  let network: OpenGpuModel | undefined;
  const detector = await createGpuDetector(
    { ...stream.detect, model: `yolov8n=${await shapedNetwork()}` },
    {
      addon: loadTestAddon(),
      store: new ModelStore(),
      models: { open: async (question) => (network = await models.open(question)) },
      pathFor: ({ path }) => Promise.resolve(precision === 'fp16' ? halfOf(path) : path),
    },
  );
  if (!network) throw new Error('the detector opened no network');
  return { detector, network };
}

/** Each stream has its own detector; they are asked at the same moment, as cameras in step would. */
async function measureBatch(
  opened: readonly Opened[],
  frames: readonly NativeFrame[],
  precision: string,
  { isQuick, put }: StepContext,
): Promise<void> {
  const batch = opened.length;
  const ask = (i: number): Promise<unknown> =>
    Promise.all(opened.map(({ detector }, k) => detector.detect(frames[(i + k) % frames.length]!)));
  const times = await timeCalls(isQuick ? 3 : 400, isQuick ? 1 : 40, ask);
  const each = times.map((ms) => ms / batch);
  const atMost = batch === 1 ? GOALS.singleMs : batch === 8 ? GOALS.batchedMs : undefined;
  const stats = loadTestAddon().gpuModelStats(opened[0]!.network.id);
  const goal: Measure['goal'] = precision === 'fp16' && atMost !== undefined ? { atMost } : undefined;
  put({
    what: `letterbox + network + decode + NMS, ${precision}, batch ${batch}, a frame`,
    unit: 'ms',
    ...summed(each),
    ...(goal && { goal }),
    note: `one run on the GPU p50 ${rounded(stats.deviceMs.p50, 3)}, wait ${rounded(stats.waitMs.p50, 3)}, whole call ${rounded(stats.totalMs.p50, 3)} ms`,
  });
}

async function measureTracking(
  detector: Detector,
  frames: readonly NativeFrame[],
  precision: string,
  { isQuick, put }: StepContext,
): Promise<void> {
  // A run waits for streams that asked a quarter of a second ago; the others of the batch ask no more.
  await sleep(ASKERS_FORGOTTEN_MS);
  const tracker = new ByteTracker({ stepMs: 1000 / 30, association: 'published' });
  let ptsMs = 0;
  const times = await timeCalls(isQuick ? 3 : 400, isQuick ? 1 : 40, async (i) => {
    ptsMs += 1000 / 30;
    tracker.update(await detector.detect({ ...frames[i % frames.length]!, ptsMs }));
  });
  put({
    what: `detect + track, ${precision}`,
    unit: 'ms',
    ...summed(times),
    ...(precision === 'fp16' && { goal: { atMost: GOALS.trackedMs } }),
  });
}

async function detectOnce(frame: NativeFrame): Promise<number> {
  const { detector } = await openDetector('fp32');
  const { detections } = await detector.detect(frame);
  await detector.close();
  return detections.length;
}
