import type { Percentiles } from './domain/stream-status.js';

/**
 * A percentile by the nearest rank: the smallest value that at least that share of all values does
 * not exceed. NaN if there are no values. O(n log n); the values stay as they are.
 *
 * @param share - 0 … 1: 0.5 is the median, 0 the smallest value, 1 the largest
 */
export const percentile = (values: ArrayLike<number>, share: number): number => rankOf(sorted(values), share);

/** The 50th percentile: of an even number of values, the lower one in the middle. */
export const median = (values: ArrayLike<number>): number => percentile(values, 0.5);

/** The 50th and the 95th percentile. */
export function percentilesOf(values: ArrayLike<number>): Percentiles {
  const inOrder = sorted(values);
  return { p50: rankOf(inOrder, 0.5), p95: rankOf(inOrder, 0.95) };
}

const sorted = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort();

const rankOf = (inOrder: Float64Array, share: number): number =>
  inOrder[Math.max(0, Math.ceil(share * inOrder.length) - 1)] ?? Number.NaN;
