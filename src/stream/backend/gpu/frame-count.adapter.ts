import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { FrameCount } from './bus-meter.js';

/** Under which a thread hands the count to those that it starts. */
const KEY = 'diptych: composed frames';

/** Counts the frames that the GPU composed for the streams of all threads: those started from here on share it. */
export function processFrameCount(): FrameCount & { readonly add: () => void } {
  const given = getEnvironmentData(KEY) as unknown;
  const memory = given instanceof SharedArrayBuffer ? given : new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  setEnvironmentData(KEY, memory);
  const count = new BigInt64Array(memory);
  return {
    get frames() {
      return Number(Atomics.load(count, 0));
    },
    add: () => void Atomics.add(count, 0, 1n),
  };
}
