import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { watchGpu } from '#src/bench/gpu-meter.adapter.js';
import { rounded } from '#src/bench/measure.js';
import { streamConfigFor } from '#src/bench/measured-chain.js';
import { LiveChain } from './live-chain.js';
import { summed } from './measure.js';
import { requireGpu } from './required-gpu.js';
import type { Step } from './step.js';

const OUTPUT = { width: 1920, height: 1080 };
const FPS = 60;
const SETTLE_MS = 3_000;
/** With the settling less than the clip is long, so that it does not begin again meanwhile. */
const WINDOW_MS = 6_000;
/** Streams at once, one round after the other. */
const ROUNDS = [1, 4, 8];

/**
 * 2160p60 H.265 in, 1080p60 composed on the GPU, without an encoder. The clip is the file that DIPTYCH_UHD_CLIP names,
 * 10 s or longer, such as of
 * `ffmpeg -i CLIP -t 10 -vf scale=3840:2160,fps=60 -an -c:v libx265 -preset ultrafast -x265-params keyint=60 uhd.mp4`.
 */
export const uhd: Step = {
  summary: '2160p60 H.265 in, 1080p60 out, in real time (the clip: DIPTYCH_UHD_CLIP)',
  limitS: 120,
  async run({ put }) {
    await requireGpu();
    const clip = process.env['DIPTYCH_UHD_CLIP'] ?? '';
    if (!existsSync(clip)) {
      put({ what: 'left out: DIPTYCH_UHD_CLIP names no file', unit: '', value: 0 });
      return;
    }
    const stream = streamConfigFor(clip, OUTPUT, { output: { ...OUTPUT, fps: FPS } });
    for (const count of ROUNDS) {
      const chains = await Promise.all(
        Array.from({ length: count }, () =>
          LiveChain.start({ processor: 'gpu', stream }, new AbortController().signal),
        ),
      );
      try {
        const meter = await watchGpu(1000);
        await delay(SETTLE_MS);
        for (const chain of chains) chain.take();
        const begunMs = performance.now();
        await delay(WINDOW_MS);
        const seconds = (performance.now() - begunMs) / 1000;
        const counts = chains.map((chain) => chain.take());
        const total = (of: 'late' | 'dropped'): number => counts.reduce((sum, each) => sum + each[of], 0);
        const what = `${count} × 2160p60 H.265 → 1080p60`;
        const gpu = meter.stop().at(-1);
        put({
          what: `${what}: new frames a second, of the slowest`,
          unit: 'fps',
          value: rounded(Math.min(...counts.map(({ fresh }) => fresh / seconds)), 2),
          note: `late ${total('late')}, dropped ${total('dropped')}; GPU ${gpu?.gpuPercent ?? '?'} %, decoder ${gpu?.decoderPercent ?? '?'} %; ${chains.find(({ failure }) => failure)?.failure ?? ''}`,
        });
        const latencies = counts.flatMap(({ latencyMs }) => latencyMs);
        put({ what: `${what}: decode-out to compose-out`, unit: 'ms', ...summed(latencies, 2) });
      } finally {
        await Promise.all(chains.map((chain) => chain.close()));
      }
    }
  },
};
