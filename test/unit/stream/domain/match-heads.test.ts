import { describe, expect, it } from 'vitest';
import type { Head } from '#src/stream/domain/head.js';
import { cropOfHead } from '#src/stream/domain/head-crop.js';
import { matchHeads } from '#src/stream/domain/match-heads.js';

const picture = { width: 1920, height: 1080 };
const tile = { width: 960, height: 1080 };
const head = (height: number, eyesY = 450): Head => ({ x: 900, eyesY, height });

const sizesOf = (...heights: readonly number[]): readonly number[] => {
  const heads = heights.map((height) => ({ head: head(height), tile }));
  const places = matchHeads(heads, picture);
  return heads.map((one, index) => {
    const crop = cropOfHead(one.head, tile, picture, {}, places[index]);
    return Math.round((1000 * one.head.height) / crop.height) / 1000;
  });
};

describe('matchHeads', () => {
  it.each([
    { heights: [200], sizes: [0.38] },
    { heights: [200, 300], sizes: [0.38, 0.38] },
    { heights: [110, 300], sizes: [0.306, 0.306] },
    { heights: [110, 300, 200], sizes: [0.306, 0.306, 0.306] },
    // Nobody becomes smaller than 0.6 of what is configured.
    { heights: [40, 300], sizes: [0.111, 0.278] },
    { heights: [450, 200], sizes: [0.457, 0.457] },
    { heights: [900, 200], sizes: [0.833, 0.475] },
  ])('gives heads of $heights px the sizes $sizes', ({ heights, sizes }) => {
    expect(sizesOf(...heights)).toEqual(sizes);
  });

  it('is continuous: a little more changes little', () => {
    for (let height = 30; height < 1000; height += 1) {
      for (const eyesY of [60, 450, 900]) {
        const at = (more: number): readonly number[] =>
          matchHeads(
            [
              { head: head(height + more, eyesY), tile },
              { head: head(200), tile },
            ],
            picture,
          ).flatMap(({ headRatio = 0, eyesShift = 0 }) => [headRatio, eyesShift]);

        at(0).forEach((value, index) => expect(Math.abs(at(1)[index]! - value)).toBeLessThan(0.02));
      }
    }
  });
});
