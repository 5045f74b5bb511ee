import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import {
  changedSquares,
  NEWCOMER_SQUARES,
  peopleMask,
  UNKNOWN_SQUARE,
  UsualNoise,
  type SmallPicture,
} from '#src/stream/stages/detect/changed-squares.js';
import { normalRandom } from '../../../../normal-random.js';

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
    expect(changedSquares(picture({ 0: 140, 11: 60, 25: 108, 59: 255 }), before, whole)).toBe(3);
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

describe('changedSquares beside a backdrop', () => {
  const backdrop = new Int16Array(60).fill(UNKNOWN_SQUARE);
  backdrop[11] = 60;

  it('leaves out squares that are as the backdrop again, and no others', () => {
    expect(changedSquares(picture({ 0: 140, 11: 60 }), before, whole, { backdrop })).toBe(1);
    expect(changedSquares(picture({ 11: 200 }), before, whole, { backdrop })).toBe(1);
    expect(changedSquares(picture(), before, whole, { backdrop })).toBe(0);
  });
});

describe('changedSquares beside what changes everywhere', () => {
  const size = { x: 0, y: 0, width: 160 * 12, height: 90 * 12 };
  const random = seededRandom(7);
  const noisy = (deviation: number, brighter = 0, face = 0): SmallPicture => {
    const luma = Uint8Array.from({ length: 160 * 90 }, () => 100 + brighter + deviation * normalRandom(() => random()));
    for (let row = 20; row < 26; row += 1) for (let at = 40; at < 46; at += 1) luma[row * 160 + at]! += face;
    return { sketch: { luma, columns: 160 }, step: 12 };
  };

  it.each<[string, SmallPicture, SmallPicture]>([
    ['noise', noisy(1.2), noisy(1.2)],
    ['strong noise', noisy(3), noisy(3)],
    ['a camera that adapts', noisy(1), noisy(1, 20)],
    ['a lamp that flickers', noisy(0.5, 9), noisy(0.5, -9)],
  ])('takes %s for no change', (_, from, to) => {
    expect(changedSquares(to, from.sketch, size)).toBeLessThan(NEWCOMER_SQUARES);
  });

  it.each<[string, SmallPicture, SmallPicture]>([
    ['in a dark room', noisy(0.7), noisy(0.7, 0, 12)],
    ['in noise', noisy(1.2), noisy(1.2, 0, 20)],
    ['in strong noise', noisy(3), noisy(3, 0, 45)],
    ['as the picture becomes brighter', noisy(1), noisy(1, 15, 25)],
  ])('sees a face that comes %s', (_, from, to) => {
    expect(changedSquares(to, from.sketch, size)).toBeGreaterThanOrEqual(30);
  });

  it('takes pictures that all at once differ everywhere for a cut, and those that stay so for noise', () => {
    const usual = new UsualNoise();
    const comparedWith = (deviation: number): number =>
      changedSquares(noisy(deviation), noisy(deviation).sketch, size, { usual });
    expect(comparedWith(0.7)).toBe(0);

    const cut = changedSquares(noisy(5), noisy(0.7).sketch, size, { usual });
    const later = Array.from({ length: 20 }, () => comparedWith(3));

    expect(cut).toBeGreaterThanOrEqual(500);
    expect(later.at(-1)).toBeLessThan(NEWCOMER_SQUARES);
    expect(comparedWith(0.7)).toBe(0);
    expect(changedSquares(noisy(5), noisy(0.7).sketch, size, { usual })).toBeGreaterThanOrEqual(500);
  });

  it('takes a lamp that is switched on for a change', () => {
    expect(changedSquares(noisy(0, 60), noisy(0).sketch, size)).toBe(160 * 90);
  });

  it('leaves out weaker changes where it is asked to', () => {
    const [from, to] = [noisy(0), noisy(0, 0, 12)];

    expect(changedSquares(to, from.sketch, size, { strength: 2 })).toBe(0);
  });
});

describe('peopleMask', () => {
  it('marks a face with what is below and beside it', () => {
    const mask = peopleMask(picture(), [{ x: 42, y: 20, width: 16, height: 16 }]);

    const rows = Array.from({ length: 6 }, (_, row) => [...mask.subarray(row * 10, row * 10 + 10)].join(''));
    expect(rows).toEqual(['0000000000', ...Array<string>(5).fill('0111111110')].map((row) => row));
  });

  it('marks nothing of a face outside the picture', () => {
    expect(peopleMask(picture(), [{ x: 500, y: 20, width: 20, height: 20 }]).includes(1)).toBe(false);
  });
});
