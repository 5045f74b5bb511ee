import { decodeFreely } from '#src/bench/decode-freely.js';
import { openChainBackend, runFreely, streamConfigFor, type FreeRun } from '#src/bench/measured-chain.js';
import { rounded } from '#src/bench/measure.js';
import { CHAIN_STAGES } from '#src/bench/stage-times.js';
import { longClip } from './long-clip.adapter.js';
import type { Size } from '#src/shared/domain/box.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { requireGpu } from './required-gpu.js';
import { summed } from './measure.js';
import type { Step, StepContext } from './step.js';

const SIZE: Size = { width: 1920, height: 1080 };
const GOAL_FPS = 300;
const COMPOSED_BYTES = (SIZE.width * SIZE.height * 3) / 2;

/** One stream as fast as it goes, with every answer awaited, and what crosses the bus meanwhile. */
export const chain: Step = {
  summary: 'decode → detect → track → reid → compose of one stream, as fast as it goes',
  limitS: 120,
  async run({ isQuick, put }) {
    await requireGpu();
    const clip = await longClip();
    const { signal } = new AbortController();
    const addon = loadAddon();
    const seconds = isQuick ? 1 : 5;
    for (const memory of ['cuda', 'system'] as const) {
      const { fps, intervalsMs, decoder } = await decodeFreely(clip, memory, { seconds, signal });
      put({ what: `decoding alone to ${memory} memory`, unit: 'fps', value: rounded(fps, 1), note: decoder });
      put({ what: `decoding alone to ${memory} memory, a frame`, unit: 'ms', ...summed(intervalsMs) });
    }
    for (const { what, more, pictureMemory } of isQuick ? VARIANTS.slice(0, 1) : VARIANTS) {
      const stream = streamConfigFor(clip, SIZE, more);
      const { backend, close } = await openChainBackend({ processor: 'gpu', stream, pictureMemory }, signal);
      await runFreely(backend, { stream, seconds: isQuick ? 0.5 : 1 }, signal);
      const before = addon.gpuTraffic();
      const run = await runFreely(backend, { stream, seconds }, signal);
      const after = addon.gpuTraffic();
      await close();
      const note = `${run.frames} frames, ${run.decoder}, ${backend.gpu.reason}`;
      put({ what, unit: 'fps', value: rounded(run.fps, 1), goal: { atLeast: GOAL_FPS }, note });
      reportStages(what, run, put);
      const pixels = (after.toHost.frame - before.toHost.frame) / run.frames;
      const results = (after.toHost.result - before.toHost.result) / run.frames;
      const up = (after.toDevice.frame - before.toDevice.frame) / run.frames;
      // What was under way at both ends counts, too.
      const most = pictureMemory === 'system' ? rounded(COMPOSED_BYTES * 1.02, 0) : 0;
      const unit = 'B a frame';
      put({ what: `${what}: pixels to the host`, unit, value: rounded(pixels, 0), goal: { atMost: most } });
      put({ what: `${what}: results to the host`, unit, value: rounded(results, 0) });
      const goal = run.decoder.startsWith('nv') ? { goal: { atMost: 0 } } : {};
      put({ what: `${what}: pixels to the GPU`, unit, value: rounded(up, 0), ...goal });
    }
    const stream = streamConfigFor(clip, SIZE);
    const { backend, close } = await openChainBackend({ processor: 'cpu', stream }, signal);
    const run = await runFreely(backend, { stream, seconds }, signal);
    await close();
    put({ what: 'the whole chain on the CPU', unit: 'fps', value: rounded(run.fps, 1), note: run.decoder });
    reportStages('the whole chain on the CPU', run, put);
  },
};

const VARIANTS = [
  { what: 'the whole chain', more: {}, pictureMemory: 'cuda' },
  { what: 'the whole chain, detecting on every frame', more: { detect: { maxFps: 60 } }, pictureMemory: 'cuda' },
  { what: 'the whole chain, composed pictures brought down', more: {}, pictureMemory: 'system' },
] as const;

function reportStages(what: string, { stageMs }: FreeRun, put: StepContext['put']): void {
  for (const stage of CHAIN_STAGES) {
    if (stageMs[stage].length > 0) put({ what: `${what}: ${stage}, a call`, unit: 'ms', ...summed(stageMs[stage]) });
  }
}
