import { afterEach, describe, expect, it } from 'vitest';
import type { Box, Size } from '#src/shared/domain/box.js';
import type { LetterboxOptions } from '#src/stream/native/types.js';
import { addon, composed, firstDifference, randomPicture, whole, withFrame } from './pictures.js';

const size = { width: 161, height: 91 };
const picture = randomPicture(size, 31);

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

/** What `use` makes of the picture in P010 and of its upper eight bits in I420. */
async function both<T>(use: (handle: number) => T | Promise<T>): Promise<{ readonly deep: T; readonly plain: T }> {
  return { deep: await withFrame(picture, 'P010_10LE', use), plain: await withFrame(picture, 'I420', use) };
}

describe('a picture of ten bits is seen by its upper eight', () => {
  const output: Size = { width: 96, height: 64 };
  it.each<[string, Box, Box, number]>([
    ['copied', { x: 8, y: 6, width: 96, height: 64 }, whole(output), 1],
    ['linear', { x: 3.3, y: 5.7, width: 81.1, height: 70.2 }, whole(output), 1],
    ['by area', whole(size), { x: 10, y: 8, width: 40, height: 20 }, 1],
    ['half transparent', { x: 3.3, y: 5.7, width: 81.1, height: 70.2 }, { x: -8, y: 30, width: 90, height: 60 }, 0.5],
  ])('composed, %s', async (_, crop, dest, alpha) => {
    const { deep, plain } = await both((frame) => composed(output, [{ frame, crop, dest, alpha }]));

    expect(firstDifference(deep, plain)).toBeUndefined();
  });

  it.each([
    { width: 160, height: 96 },
    { width: 40, height: 40 },
  ])('as a tensor of %j', async (tensorSize) => {
    const options: LetterboxOptions = {
      ...tensorSize,
      channels: 'BGR',
      mean: 127.5,
      scale: 1 / 128,
      pad: 114,
      order: 'nhwc',
    };
    const matrix = [1.3, 0.2, 10.5, -0.2, 1.3, 20.25];
    const { deep, plain } = await both((frame) => {
      const boxed = new Float32Array(3 * options.width * options.height);
      const warped = new Float32Array(boxed.length);
      addon.letterbox(frame, options, boxed);
      addon.warpAffine(frame, matrix, options, warped);
      return { boxed, warped };
    });

    expect(firstDifference(deep.boxed, plain.boxed)).toBeUndefined();
    expect(firstDifference(deep.warped, plain.warped)).toBeUndefined();
  });

  it('and as sharp', async () => {
    const { deep, plain } = await both((frame) => addon.sharpness(frame, { x: 20, y: 10, width: 100, height: 60 }));

    expect(deep).toBe(plain);
    expect(deep).toBeGreaterThan(0);
  });
});
