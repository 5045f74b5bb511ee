import { describe, expect, it } from 'vitest';
import { minimaOf, trendOf, type TimedValue } from '#src/bench/trend.js';

const line = (n: number, perS: number): TimedValue[] =>
  Array.from({ length: n }, (_, i) => [i * 10, 100 + i * 10 * perS]);

describe('trendOf', () => {
  it.each([0, 0.5, -2])('finds the slope %d of a straight line, with no doubt', (perS) => {
    const trend = trendOf(line(20, perS));

    expect(trend?.perS).toBeCloseTo(perS);
    expect(trend?.lowPerS).toBeCloseTo(perS);
    expect(trend?.highPerS).toBeCloseTo(perS);
  });

  it('is not moved by single outliers', () => {
    const points = line(40, 1).map(([atS, value], i): TimedValue => [atS, i % 9 === 4 ? value + 5000 : value]);

    const trend = trendOf(points);

    expect(trend?.perS).toBeCloseTo(1, 0);
  });

  it('holds 0 in the interval of values that only vary', () => {
    const points = line(60, 0).map(([atS, value], i): TimedValue => [atS, value + ((i * 7919) % 101)]);

    const trend = trendOf(points);

    expect(trend?.lowPerS).toBeLessThan(0);
    expect(trend?.highPerS).toBeGreaterThan(0);
  });

  it.each([
    [[]],
    [line(2, 1)],
    [
      [
        [1, 5],
        [1, 6],
        [1, 7],
      ] as TimedValue[],
    ],
  ])('has none for %j', (points) => {
    expect(trendOf(points)).toBeUndefined();
  });
});

describe('minimaOf', () => {
  it('keeps the smallest of each window, and the time at which it was seen', () => {
    const points: TimedValue[] = [
      [5, 9],
      [10, 3],
      [15, 8],
      [16, 7],
      [24, 2],
      [40, 1],
    ];

    const minima = minimaOf(points, 10);

    expect(minima).toEqual([
      [10, 3],
      [24, 2],
      [40, 1],
    ]);
  });
});
