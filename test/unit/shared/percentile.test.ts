import { describe, expect, it } from 'vitest';
import { median, percentile, percentilesOf } from '#src/shared/percentile.js';

describe('percentile', () => {
  // The first five are the usual example of the nearest-rank method.
  it.each([
    [[15, 20, 35, 40, 50], 0.05, 15],
    [[15, 20, 35, 40, 50], 0.3, 20],
    [[15, 20, 35, 40, 50], 0.4, 20],
    [[15, 20, 35, 40, 50], 0.5, 35],
    [[15, 20, 35, 40, 50], 1, 50],
    [[15, 20, 35, 40, 50], 0, 15],
    [[7], 0.95, 7],
    [[2, 1], 0.5, 1],
    [[10, 9, 2], 0.5, 9],
    [[], 0.5, Number.NaN],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    percentilesOf(values);
    expect([median(values), values]).toEqual([2, [3, 1, 2]]);
  });
});

it('percentilesOf gives the 50th and the 95th of any list', () => {
  const values = Float32Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentilesOf(values)).toEqual({ p50: 50, p95: 95 });
});
