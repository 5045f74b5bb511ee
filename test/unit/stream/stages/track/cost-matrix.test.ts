import { describe, expect, it } from 'vitest';
import { BoxKalmanFilter } from '#src/stream/domain/box-kalman-filter.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { CostMatrix, overlapCost } from '#src/stream/stages/track/cost-matrix.js';

const boxAt = (x: number, height = 99) => ({ x, y: 0, width: 99, height });
const found = (x: number, score = 1, height = 99): Detection => ({ box: boxAt(x, height), score, kind: 'face' });
const tracks = (...xs: number[]) => xs.map((x) => ({ filter: new BoxKalmanFilter(boxAt(x)) }));

describe('CostMatrix', () => {
  it('measures overlap on whole pixels, both ends counted', () => {
    const costs = new CostMatrix().overlap(tracks(0), [0, 1, 2], [found(0), found(50), found(300)], false);

    expect([...costs.subarray(0, 3)].map((cost) => Number(cost.toFixed(6)))).toEqual([0, 0.666667, 1]);
    expect(overlapCost(boxAt(0), boxAt(50))).toBeCloseTo(1 - 50 / 150, 9);
    expect(overlapCost(boxAt(0), boxAt(300))).toBe(1);
  });

  it('weighs overlap with the score where it is told to, and takes only the named detections', () => {
    const costs = new CostMatrix().overlap(tracks(0, 0), [1], [found(500), found(0, 0.7)], true);

    expect(costs[0]).toBeCloseTo(0.3, 9);
    expect(costs[1]).toBeCloseTo(0.3, 9);
  });

  it('grows with what it is given', () => {
    const xs = Array.from({ length: 40 }, (_, index) => 200 * index);
    const costs = new CostMatrix().overlap(
      tracks(...xs),
      [...xs.keys()],
      xs.map((x) => found(x)),
      false,
    );

    expect(xs.every((_, index) => Math.abs(costs[index * 40 + index]!) < 1e-9)).toBe(true);
  });

  it.each([
    { name: 'near is cheaper than far', cheap: found(10), dear: found(40) },
    { name: 'the same size is cheaper than another', cheap: found(10), dear: found(10, 1, 130) },
  ])('joins overlap, distance and size: $name', ({ cheap, dear }) => {
    const costs = new CostMatrix().combined(tracks(0), [0, 1], [cheap, dear]);

    expect(costs[0]!).toBeLessThan(costs[1]!);
  });

  it.each([
    { name: 'too far', detection: found(90) },
    { name: 'too large', detection: found(0, 1, 210) },
  ])('leaves out what a track cannot reach: $name', ({ detection }) => {
    expect(new CostMatrix().combined(tracks(0), [0], [detection])[0]).toBe(Infinity);
  });

  it('takes other weights', () => {
    const costs = new CostMatrix().combined(tracks(0), [0], [found(20)], { overlap: 1, distance: 0, size: 0 });

    expect(costs[0]).toBeCloseTo(overlapCost(boxAt(0), boxAt(20)), 9);
  });
});
