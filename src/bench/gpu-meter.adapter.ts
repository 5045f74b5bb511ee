import type { GpuReading, TimedReading } from '../shared/gpu/gpu-reading.js';
import { GpuWatch } from '../shared/gpu/gpu-watch.adapter.js';

export type { GpuReading, TimedReading } from '../shared/gpu/gpu-reading.js';
export { readGpu } from '../shared/gpu/read-gpu.adapter.js';

/** Reads one GPU again and again. */
export interface GpuMeter {
  /** What was read since it was started; further calls give the same. */
  stop(): readonly TimedReading[];
}

/** Begins to read a GPU; resolves with the first reading, so that what is measured then is not held up by its start. */
export async function watchGpu(everyMs = 500, device: number | string = 0): Promise<GpuMeter> {
  const readings: TimedReading[] = [];
  const onReading = (reading: GpuReading): void => {
    readings.push({ ...reading, atMs: performance.now() });
  };
  const watch = new GpuWatch({ devices: [device], everyMs, onReading });
  await watch.first;
  return {
    stop: () => {
      watch.close();
      return readings;
    },
  };
}
