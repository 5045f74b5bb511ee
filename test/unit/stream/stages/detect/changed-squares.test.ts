import { describe, expect, it } from 'vitest';
import { changedSquares, peopleMask, type SmallPicture } from '#src/stream/stages/detect/changed-squares.js';

/** 10×6 squares of 10 pixels. */
const picture = (changes: Readonly<Record<number, number>> = {}): SmallPicture => {
  const luma = new Uint8Array(60).fill(100);
  for (const [at, value] of Object.entries(changes)) luma[Number(at)] = value;
  return { sketch: { luma, columns: 10 }, step: 10 };
};
const before = picture().sketch;
const whole = { x: 0, y: 0, width: 100, height: 60 };

describe('changedSquares', () => {
  it('counts squares that became brighter or darker, and leaves out noise', () => {
    expect(changedSquares(picture({ 0: 140, 11: 60, 25: 110, 59: 255 }), before, whole)).toBe(3);
  });

  it('counts those that the region touches, also beyond the picture', () => {
    const changed = picture({ 0: 200, 12: 200, 13: 200, 59: 200 });

    expect(changedSquares(changed, before, { x: 25, y: 15, width: 10, height: 10 })).toBe(2);
    expect(changedSquares(changed, before, { x: 90, y: 50, width: 500, height: 500 })).toBe(1);
    expect(changedSquares(changed, before, { x: -50, y: -50, width: 55, height: 55 })).toBe(1);
  });

  it('ends where there are enough, and leaves out masked ones', () => {
    const changed = picture({ 0: 200, 20: 200, 40: 200 });

    expect(changedSquares(changed, before, whole, { most: 2 })).toBe(2);
    expect(
      changedSquares(changed, before, whole, { mask: peopleMask(changed, [{ x: 0, y: 25, width: 10, height: 10 }]) }),
    ).toBe(1);
  });
});

describe('peopleMask', () => {
  it('marks a face with what is below and beside it', () => {
    const mask = peopleMask(picture(), [{ x: 40, y: 20, width: 20, height: 20 }]);

    const rows = Array.from({ length: 6 }, (_, row) => [...mask.subarray(row * 10, row * 10 + 10)].join(''));
    expect(rows).toEqual(['0000000000', ...Array<string>(5).fill('0111111110')].map((row) => row));
  });

  it('marks nothing of a face outside the picture', () => {
    expect(peopleMask(picture(), [{ x: 500, y: 20, width: 20, height: 20 }]).includes(1)).toBe(false);
  });
});
