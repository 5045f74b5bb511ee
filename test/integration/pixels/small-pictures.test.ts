import { afterEach, describe, expect, it } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import { addon, randomPicture, withFrame } from './pictures.js';
import type { Planes } from './reference-scale.js';

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

/** Mean of each square, of every `rowStep`-th row of it. */
function means([{ width, height, data }]: Planes, step: number, rowStep: number): readonly number[] {
  const squares: number[] = [];
  for (let top = 0; top < height; top += step) {
    for (let left = 0; left < width; left += step) {
      const values: number[] = [];
      for (let row = top; row < Math.min(height, top + step); row += rowStep) {
        for (let x = left; x < Math.min(width, left + step); x += 1) values.push(data[row * width + x] ?? 0);
      }
      squares.push(Math.floor(values.reduce((sum, value) => sum + value, 0) / values.length + 0.5));
    }
  }
  return squares;
}

describe('lumaMeans', () => {
  it.each<[number, Size, rowStep: number]>([
    [1, { width: 9, height: 7 }, 2],
    [7, { width: 161, height: 91 }, 2],
    [12, { width: 96, height: 60 }, 2],
    [500, { width: 40, height: 30 }, 2],
    [600, { width: 16, height: 1202 }, 3],
  ])('has the mean of each square of %i pixels of %j', async (step, size, rowStep) => {
    const picture = randomPicture(size, step);

    const seen = await Promise.all(
      (['I420', 'P010_10LE'] as const).map((format) =>
        withFrame(picture, format, (handle) => [...addon.lumaMeans(handle, step)]),
      ),
    );

    const expected = means(picture, step, rowStep);
    expect(seen).toEqual([expected, expected]);
  });

  it.each([0, 20_000])('refuses a step of %d', async (step) => {
    await withFrame(randomPicture({ width: 8, height: 8 }, 1), 'I420', (handle) => {
      expect(() => addon.lumaMeans(handle, step)).toThrow('step: expected 1 … 16384');
    });
  });
});
