import { describe, expect, it } from 'vitest';
import { keypointsIn, poseCrop, POSE_VALUES } from '#src/stream/stages/detect/pose-crop.js';

const input = { width: 192, height: 256 };

/** Where a point of the input lies in the picture. */
const inPicture = ([a, b, c, d, e, f]: readonly number[], x: number, y: number) => ({
  x: a! * x + b! * y + c!,
  y: d! * x + e! * y + f!,
});

describe('poseCrop', () => {
  it('puts the box in the middle, with a quarter more around it', () => {
    const crop = poseCrop({ x: 100, y: 50, width: 300, height: 400 }, input);

    expect(inPicture(crop, 96, 128)).toEqual({ x: 250, y: 250 });
    expect(inPicture(crop, 0, 0)).toEqual({ x: 250 - 375 / 2, y: 250 - 250 });
    expect(inPicture(crop, 192, 256)).toEqual({ x: 250 + 375 / 2, y: 250 + 250 });
  });

  it.each([
    ['narrow: the height decides', { x: 0, y: 0, width: 20, height: 512 }, 2.5],
    ['wide: the width decides', { x: 0, y: 0, width: 384, height: 20 }, 2.5],
  ])('keeps the aspect of a box that is %s', (_, box, ratio) => {
    const [a, b, , d, e] = poseCrop(box, input);

    expect([a, b, d, e]).toEqual([ratio, 0, 0, ratio]);
  });

  it('goes over the edges of the picture', () => {
    expect(inPicture(poseCrop({ x: 0, y: 0, width: 96, height: 128 }, input), 0, 0)).toEqual({ x: -12, y: -16 });
  });
});

describe('keypointsIn', () => {
  const values = Float32Array.from({ length: POSE_VALUES }, (_, i) => [10, 20, 0.3][i % 3]!);

  it('maps every point to the picture', () => {
    const points = keypointsIn(values, [2, 0, 100, 0, 2, 50]);

    expect(points).toHaveLength(17);
    expect(points.every(({ x, y }) => x === 120 && y === 90)).toBe(true);
  });

  it('counts what MMPose draws as seen, and nothing as more than sure', () => {
    values.set([1, 1, 9, 1, 1, -0.4, 1, 1, Number.NaN]);

    const scores = keypointsIn(values, [1, 0, 0, 0, 1, 0]).map(({ score }) => score);

    expect(scores.slice(0, 4)).toEqual([1, 0, 0, expect.closeTo(0.2) as number]);
  });
});
