import { afterEach, describe, expect, it } from 'vitest';
import type { FillRegion } from '#src/stream/native/types.js';
import { addon, composed, firstDifference, plainPicture, randomPicture, whole, withFrame } from './pictures.js';
import { referenceCompose, type ReferenceRegion } from './reference.js';

const output = { width: 96, height: 64 };
const picture = randomPicture({ width: 150, height: 90 }, 21);
const region = {
  crop: { x: 3.3, y: 2.2, width: 90, height: 60 },
  dest: { x: 0, y: 0, width: 96, height: 64 },
  alpha: 1,
};

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

/** A region of one colour, as a picture of that colour. */
const asPicture = ({ colour, dest, alpha }: FillRegion): ReferenceRegion => ({
  picture: plainPicture({ width: 8, height: 8 }, colour),
  crop: { x: 0, y: 0, width: 8, height: 8 },
  dest,
  alpha,
});

describe('regions of one colour', () => {
  it.each<[string, readonly FillRegion[]]>([
    ['opaque', [{ colour: [200, 20, 240], dest: { x: 10, y: 8, width: 60, height: 4 }, alpha: 1 }]],
    ['half transparent', [{ colour: [200, 20, 240], dest: { x: 10, y: 8, width: 60, height: 40 }, alpha: 0.5 }]],
    ['not seen', [{ colour: [200, 20, 240], dest: { x: 10, y: 8, width: 60, height: 40 }, alpha: 0 }]],
    ['over the edge', [{ colour: [16, 128, 128], dest: { x: -10, y: 50, width: 30, height: 40 }, alpha: 0.25 }]],
    [
      'a frame of four',
      [
        { colour: [180, 90, 200], dest: { x: 20, y: 10, width: 40, height: 2 }, alpha: 0.8 },
        { colour: [180, 90, 200], dest: { x: 20, y: 48, width: 40, height: 2 }, alpha: 0.8 },
        { colour: [180, 90, 200], dest: { x: 20, y: 12, width: 2, height: 36 }, alpha: 0.8 },
        { colour: [180, 90, 200], dest: { x: 58, y: 12, width: 2, height: 36 }, alpha: 0.8 },
      ],
    ],
  ])('%s', async (_, fills) => {
    const expected = referenceCompose(output, [{ ...region, picture }, ...fills.map(asPicture)]);

    const actual = await withFrame(picture, 'I420', (frame) => composed(output, [{ ...region, frame }, ...fills]));

    expect(firstDifference(actual, expected)).toBeUndefined();
  });

  it('hide a picture below, and are hidden by one above', async () => {
    const fill: FillRegion = { colour: [90, 60, 70], dest: whole(output), alpha: 1 };
    const above = { ...region, dest: { x: 20, y: 20, width: 30, height: 30 } };
    const expected = referenceCompose(output, [asPicture(fill), { ...above, picture }]);

    const actual = await withFrame(picture, 'NV12', (frame) =>
      composed(output, [{ ...region, frame }, fill, { ...above, frame }]),
    );

    expect(firstDifference(actual, expected)).toBeUndefined();
  });

  it('have no time of their own', async () => {
    const handle = await addon.compose(output, [{ colour: [90, 60, 70], dest: whole(output), alpha: 1 }]);
    expect(addon.frameInfo(handle).ptsMs).toBe(0);
    addon.release(handle);
  });

  it.each<[unknown, string]>([
    ['red', 'regions[0].colour: expected an array of 3, got "red"'],
    [[1, 2], 'regions[0].colour: expected an array of 3, got an array'],
    [[1, 2, 256], 'regions[0].colour[2]: expected a whole number from 0 to 255, got 256'],
    [[1, 2, 0.5], 'regions[0].colour[2]: expected a whole number from 0 to 255, got 0.5'],
  ])('are refused with %j as colour', (colour, message) => {
    const regions = [{ colour, dest: whole(output), alpha: 1 } as unknown as FillRegion];
    expect(() => addon.compose(output, regions)).toThrow(message);
  });
});
