import type { TimedReading } from '../shared/gpu/gpu-reading.js';
import { readGpu } from '../shared/gpu/read-gpu.adapter.js';

export type { GpuReading, TimedReading } from '../shared/gpu/gpu-reading.js';
export { readGpu } from '../shared/gpu/read-gpu.adapter.js';

/** Reads a GPU again and again until it is stopped. */
export function watchGpu(everyMs = 500): { stop(): Promise<readonly TimedReading[]> } {
  const stopping = new AbortController();
  const readings: TimedReading[] = [];
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const begunMs = performance.now();
      const reading = await readGpu();
      if (!reading) return;
      readings.push({ ...reading, atMs: begunMs });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, everyMs - (performance.now() - begunMs))));
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await watching;
      return readings;
    },
  };
}
