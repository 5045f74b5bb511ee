import { describe, expect, it } from 'vitest';
import { LatencyStats, RollingPercentiles } from '#src/stream/monitor/latency-stats.js';

describe('rolling percentiles', () => {
  it.each([
    { name: 'none', values: [], p50: 0, p95: 0 },
    { name: 'one', values: [7], p50: 7, p95: 7 },
    { name: 'two', values: [9, 1], p50: 1, p95: 9 },
    { name: 'hundred', values: Array.from({ length: 100 }, (_, index) => 100 - index), p50: 50, p95: 95 },
    { name: 'two-digit and one-digit numbers', values: [10, 9, 8, 100, 7], p50: 9, p95: 100 },
  ])('takes the nearest rank of $name', ({ values, p50, p95 }) => {
    const percentiles = new RollingPercentiles(200);
    for (const value of values) percentiles.add(value);

    expect(percentiles.read()).toEqual({ p50, p95 });
  });

  it('forgets what left the window', () => {
    const percentiles = new RollingPercentiles(4);
    for (const value of [1000, 1000, 1000, 1, 2, 3, 4]) percentiles.add(value);

    expect(percentiles.read()).toEqual({ p50: 2, p95: 4 });
  });
});

describe('latency by stage', () => {
  it('keeps the stages apart and names them all', () => {
    const stats = new LatencyStats(['decode', 'encode'] as const, 8);
    stats.add('decode', 3);
    stats.add('decode', 5);

    expect(stats.read()).toEqual({ decode: { p50: 3, p95: 5 }, encode: { p50: 0, p95: 0 } });
  });
});
