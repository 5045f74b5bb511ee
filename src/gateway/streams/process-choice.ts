/**
 * Where a new stream goes: the process with the fewest streams, of those the first, or none when
 * all are full.
 *
 * @param streamCounts - streams of each process.
 * @param capacity - streams that one process takes, ≥ 1.
 */
export function chooseProcess(streamCounts: readonly number[], capacity: number): number | undefined {
  const fewest = Math.min(...streamCounts);
  return fewest < capacity ? streamCounts.indexOf(fewest) : undefined;
}
