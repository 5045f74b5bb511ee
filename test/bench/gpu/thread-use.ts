import { rounded } from '#src/bench/measure.js';
import type { ThreadSample } from '#src/bench/thread-samples.adapter.js';

/** Threads that kept less of a core busy are left out. */
const LEAST_CORES = 0.02;

/** The threads that worked most between two readings: cores that each name's threads kept busy together. */
export function threadUse(
  before: ReadonlyMap<string, ThreadSample>,
  after: ReadonlyMap<string, ThreadSample>,
  seconds: number,
): string {
  const cores = [...after].map(
    ([name, { cpuMs }]) => [name, (cpuMs - (before.get(name)?.cpuMs ?? 0)) / 1000 / seconds] as const,
  );
  return cores
    .filter(([, each]) => each >= LEAST_CORES)
    .sort(([, a], [, b]) => b - a)
    .map(([name, each]) => `${name} ${rounded(each, 2)}`)
    .join(', ');
}
