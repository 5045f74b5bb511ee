import { expect, it } from 'vitest';
import { addon, plainPicture, randomPicture, withFrame } from './pictures.js';
import { referenceSharpness } from './reference.js';

const size = { width: 131, height: 97 };

it.each([
  { name: 'the whole picture', box: { x: 0, y: 0, width: 131, height: 97 }, part: [0, 0, 131, 97] },
  { name: 'a part of it', box: { x: 20, y: 30, width: 41, height: 23 }, part: [20, 30, 61, 53] },
  {
    name: 'the pixels whose centres are inside',
    box: { x: 20.5, y: 30.51, width: 41, height: 23 },
    part: [20, 31, 61, 54],
  },
  { name: 'what of it is in the picture', box: { x: -50, y: 60, width: 100, height: 1e6 }, part: [0, 60, 50, 97] },
  { name: 'a single pixel with its neighbours', box: { x: 5, y: 5, width: 3, height: 3 }, part: [5, 5, 8, 8] },
] as const)('is the variance of the Laplacian over $name', async ({ box, part: [left, top, right, bottom] }) => {
  const picture = randomPicture(size, 9);
  const expected = referenceSharpness(picture[0], left, top, right, bottom);

  const actual = await withFrame(picture, 'NV12', (frame) => addon.sharpness(frame, box));

  expect(actual).toBeCloseTo(expected, 6);
});

it('is exact over rows longer than a block', async () => {
  const picture = randomPicture({ width: 5000, height: 4 }, 10);
  const expected = referenceSharpness(picture[0], 0, 0, 5000, 4);

  const actual = await withFrame(picture, 'I420', (frame) =>
    addon.sharpness(frame, { x: 0, y: 0, width: 5000, height: 4 }),
  );

  expect(actual).toBeCloseTo(expected, 6);
});

it.each([
  { name: 'a plain picture', box: { x: 0, y: 0, width: 131, height: 97 } },
  { name: 'a box without a pixel that has four neighbours', box: { x: 10, y: 10, width: 2, height: 50 } },
  { name: 'a box outside', box: { x: 500, y: 10, width: 50, height: 50 } },
  { name: 'an empty box', box: { x: 10, y: 10, width: 0, height: 0 } },
  { name: 'a box turned inside out', box: { x: 60, y: 60, width: -40, height: -40 } },
])('is 0 for $name', async ({ name, box }) => {
  const picture = name === 'a plain picture' ? plainPicture(size, [90, 128, 128]) : randomPicture(size, 9);
  expect(await withFrame(picture, 'I420', (frame) => addon.sharpness(frame, box))).toBe(0);
});
