import { streamConfigFor } from '#src/bench/measured-chain.js';
import { rounded } from '#src/bench/measure.js';
import { longClip } from './long-clip.adapter.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { createGpuDetector } from '#src/stream/stages/detect/gpu-detector.adapter.js';
import type { Detector } from '#src/stream/stages/detect/detector.js';
import { MAX_BATCH, requireGpu } from './required-gpu.js';
import { framesOf } from './frames.js';
import type { Step } from './step.js';

const STREAMS = 2 * MAX_BATCH;
/** What another order of sums in TF32 does to a box. */
const BOXES_PX = 0.5;

/**
 * Groups of every size through the product's own detector, again and again: what a CUDA graph that was
 * captured for one size replays must hold when other sizes were captured after it. With YuNet, which
 * sees whole pictures, so that what it finds depends on nothing but the frame.
 */
export const batches: Step = {
  summary: 'finds in batches of every size beside finds of one frame alone',
  limitS: 90,
  async run({ isQuick, put }) {
    const addon = loadAddon();
    const { models } = await requireGpu();
    const clip = await longClip();
    const frames = await framesOf(addon, clip, { memory: 'cuda' });
    const { detect } = streamConfigFor(clip, { width: 1920, height: 1080 });
    const detectors: Detector[] = [];
    for (let i = 0; i < STREAMS; i += 1) {
      const deps = {
        addon,
        models,
        store: new ModelStore(),
        pathFor: ({ path }: { path: string }) => Promise.resolve(path),
      };
      detectors.push(await createGpuDetector({ ...detect, model: 'yunet' }, deps));
    }
    const [first] = detectors;
    const alone: (readonly Detection[])[] = [];
    for (const frame of frames) alone.push((await first!.detect(frame)).detections);

    let furthest = 0;
    let otherCounts = 0;
    let asked = 0;
    for (let round = 0; round < (isQuick ? 1 : 60); round += 1) {
      for (let size = 1; size <= STREAMS; size += 1) {
        const found = await Promise.all(
          detectors.slice(0, size).map((detector, k) => detector.detect(frames[(round + k) % frames.length]!)),
        );
        for (const [k, { detections }] of found.entries()) {
          const expected = alone[(round + k) % frames.length]!;
          asked += 1;
          if (detections.length === expected.length) furthest = Math.max(furthest, distance(detections, expected));
          else otherCounts += 1;
        }
      }
    }
    for (const detector of detectors) await detector.close();
    for (const { handle } of frames) addon.release(handle);
    const note = `${first!.model}, ${asked} frames in groups of 1 to ${STREAMS}`;
    put({ what: 'frames with another number of finds', unit: '', value: otherCounts, goal: { atMost: 0 }, note });
    put({
      what: 'boxes, largest difference',
      unit: 'px',
      value: rounded(furthest, 3),
      goal: { atMost: BOXES_PX },
      note,
    });
  },
};

const distance = (found: readonly Detection[], expected: readonly Detection[]): number =>
  Math.max(
    0,
    ...found.flatMap(({ box }, i) => {
      const other = expected[i]!.box;
      return [box.x - other.x, box.y - other.y, box.width - other.width, box.height - other.height].map(Math.abs);
    }),
  );
