import { describe, expect, it } from 'vitest';
import { area, center, intersectionArea, iou } from '#src/shared/domain/box.js';

const unit = { x: 0, y: 0, width: 10, height: 10 };

describe('box', () => {
  it.each([
    { name: 'the same box', other: unit, shared: 100, ratio: 1 },
    { name: 'half over', other: { x: 5, y: 0, width: 10, height: 10 }, shared: 50, ratio: 50 / 150 },
    { name: 'only an edge in common', other: { x: 10, y: 0, width: 10, height: 10 }, shared: 0, ratio: 0 },
    { name: 'apart in both axes', other: { x: 20, y: 20, width: 1, height: 1 }, shared: 0, ratio: 0 },
    { name: 'inside', other: { x: 2, y: 2, width: 5, height: 2 }, shared: 10, ratio: 0.1 },
  ])('measures the overlap: $name', ({ other, shared, ratio }) => {
    expect(intersectionArea(unit, other)).toBeCloseTo(shared);
    expect(iou(unit, other)).toBeCloseTo(ratio);
  });

  it('counts an empty box as nothing', () => {
    const empty = { x: 0, y: 0, width: 0, height: 0 };

    expect(area(empty)).toBe(0);
    expect(iou(empty, empty)).toBe(0);
  });

  it('finds the middle', () => {
    expect(center({ x: 2, y: 4, width: 6, height: 8 })).toEqual({ x: 5, y: 8 });
  });
});
