import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../shared/programs/find-program.adapter.js';
import { GPU_FIELDS, parseGpuReading, type GpuReading, type TimedReading } from './gpu-reading.js';

export type { GpuReading, TimedReading } from './gpu-reading.js';

/** What nvidia-smi says of a GPU now; `undefined` where there is none. */
export async function readGpu(device = 0): Promise<GpuReading | undefined> {
  const program = findProgram('nvidia-smi');
  if (program === undefined) return undefined;
  try {
    const { stdout } = await promisify(execFile)(program, [
      `--id=${device}`,
      `--query-gpu=${GPU_FIELDS.join(',')}`,
      '--format=csv,noheader,nounits',
    ]);
    return parseGpuReading(stdout);
  } catch {
    return undefined;
  }
}

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
