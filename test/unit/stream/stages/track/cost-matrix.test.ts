import { describe, expect, it } from 'vitest';
import { BoxKalmanFilter } from '#src/stream/domain/box-kalman-filter.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { CostMatrix, overlapCost } from '#src/stream/stages/track/cost-matrix.js';

const boxAt = (x: number, height = 99) => ({ x, y: 0, width: 99, height });
const detectionAt = (x: number, score = 1, height = 99): Detection => ({ box: boxAt(x, height), score, kind: 'face' });
const tracks = (...xs: number[]) => xs.map((x) => ({ filter: new BoxKalmanFilter(boxAt(x)) }));

describe('CostMatrix', () => {
  it('measures overlap in whole pixels, both ends counted', () => {
    const costs = new CostMatrix().overlap(
      tracks(0),
      [0, 1, 2],
      [detectionAt(0), detectionAt(50), detectionAt(300)],
      false,
    );

    expect([...costs.subarray(0, 3)].map((cost) => Number(cost.toFixed(6)))).toEqual([0, 0.666667, 1]);
    expect(overlapCost(boxAt(0), boxAt(50))).toBeCloseTo(1 - 50 / 150, 9);
    expect(overlapCost(boxAt(0), boxAt(300))).toBe(1);
  });

  it('multiplies IoU by the score on request, and takes only the named detections', () => {
    const costs = new CostMatrix().overlap(tracks(0, 0), [1], [detectionAt(500), detectionAt(0, 0.7)], true);

    expect(costs[0]).toBeCloseTo(0.3, 9);
    expect(costs[1]).toBeCloseTo(0.3, 9);
  });

  it('grows with the number of tracks and detections', () => {
    const xs = Array.from({ length: 40 }, (_, index) => 200 * index);
    const costs = new CostMatrix().overlap(
      tracks(...xs),
      [...xs.keys()],
      xs.map((x) => detectionAt(x)),
      false,
    );

    expect(xs.every((_, index) => Math.abs(costs[index * 40 + index]!) < 1e-9)).toBe(true);
  });

  it.each([
    { name: 'near is cheaper than far', cheap: detectionAt(10), dear: detectionAt(40) },
    { name: 'the same size is cheaper than another', cheap: detectionAt(10), dear: detectionAt(10, 1, 130) },
  ])('combines overlap, distance and size: $name', ({ cheap, dear }) => {
    const costs = new CostMatrix().combined(tracks(0), [0, 1], [cheap, dear]);

    expect(costs[0]!).toBeLessThan(costs[1]!);
  });

  it.each([
    { name: 'too far', detection: detectionAt(90) },
    { name: 'too large', detection: detectionAt(0, 1, 210) },
  ])('makes pairs out of reach impossible: $name', ({ detection }) => {
    expect(new CostMatrix().combined(tracks(0), [0], [detection])[0]).toBe(Infinity);
  });

  it('takes other weights', () => {
    const costs = new CostMatrix().combined(tracks(0), [0], [detectionAt(20)], { overlap: 1, distance: 0, size: 0 });

    expect(costs[0]).toBeCloseTo(overlapCost(boxAt(0), boxAt(20)), 9);
  });
});
