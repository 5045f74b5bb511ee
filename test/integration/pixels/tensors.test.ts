import { afterEach, describe, expect, it } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import type { FrameFormat } from '#src/shared/domain/frame.js';
import type { LetterboxOptions } from '#src/stream/native/types.js';
import { addon, firstDifference, plainPicture, randomPicture, withFrame } from './pictures.js';
import { referenceLetterbox, referenceWarp } from './reference-tensors.js';
import { BT709 } from './reference.js';

const FORMATS: readonly FrameFormat[] = ['I420', 'NV12'];

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

const base: LetterboxOptions = {
  width: 64,
  height: 64,
  channels: 'RGB',
  mean: 0,
  scale: 1 / 255,
  pad: 114,
  order: 'nchw',
};

describe('letterbox', () => {
  const cases: readonly { name: string; source: Size; options: LetterboxOptions }[] = [
    { name: 'wide picture, by area', source: { width: 321, height: 181 }, options: base },
    { name: 'exactly 3 : 1', source: { width: 192, height: 108 }, options: { ...base, height: 40 } },
    { name: 'tall picture', source: { width: 81, height: 301 }, options: base },
    { name: 'enlarged', source: { width: 31, height: 17 }, options: base },
    { name: 'up to 2 : 1', source: { width: 101, height: 77 }, options: base },
    {
      name: 'interleaved, blue first, mean and scale',
      source: { width: 101, height: 77 },
      options: { ...base, channels: 'BGR', order: 'nhwc', mean: 127.5, scale: 1 / 128, pad: 0 },
    },
    { name: 'odd tensor', source: { width: 101, height: 77 }, options: { ...base, width: 37, height: 53 } },
    {
      name: 'a crop',
      source: { width: 201, height: 177 },
      options: { ...base, crop: { x: 30.4, y: 22.7, width: 50.5, height: 80.3 } },
    },
    {
      name: 'a crop over the left and upper edge',
      source: { width: 101, height: 77 },
      options: { ...base, crop: { x: -30.4, y: -22.7, width: 80.5, height: 80.3 } },
    },
    {
      name: 'a crop over the right and lower edge',
      source: { width: 301, height: 277 },
      options: { ...base, crop: { x: 130.4, y: 122.7, width: 280.5, height: 280.3 } },
    },
    {
      name: 'a crop beside the picture',
      source: { width: 101, height: 77 },
      options: { ...base, crop: { x: 200, y: 0, width: 50, height: 50 } },
    },
    { name: 'a sliver', source: { width: 900, height: 2 }, options: base },
  ];

  it.each(cases.flatMap((one) => FORMATS.map((format) => ({ ...one, format }))))(
    '$name ($format)',
    async ({ source, options, format }) => {
      const picture = randomPicture(source, 3);
      const expected = referenceLetterbox(picture, options, BT709);
      const tensor = new Float32Array(3 * options.width * options.height).fill(NaN);

      const mapping = await withFrame(picture, format, (frame) => addon.letterbox(frame, options, tensor));

      expect(mapping).toEqual(expected.mapping);
      expect(firstDifference(tensor, expected.tensor)).toBeUndefined();
    },
  );

  it('maps tensor coordinates back to the picture', async () => {
    // A white square whose place is known, found in the tensor and mapped back.
    const size = { width: 640, height: 360 };
    const picture = plainPicture(size, [16, 128, 128]);
    for (let y = 90; y < 150; y += 1) picture[0].data.fill(235, y * size.width + 300, y * size.width + 360);
    const options: LetterboxOptions = { ...base, width: 160, height: 160, scale: 1, pad: 0 };
    const tensor = new Float32Array(3 * 160 * 160);

    const { ratio, offset } = await withFrame(picture, 'I420', (frame) => addon.letterbox(frame, options, tensor));

    const bright = Array.from(tensor.subarray(0, 160 * 160).entries()).filter(([, value]) => value > 127);
    const columns = bright.map(([i]) => i % 160);
    const rows = bright.map(([i]) => Math.floor(i / 160));
    const left = (Math.min(...columns) - offset.x) / ratio;
    const right = (Math.max(...columns) + 1 - offset.x) / ratio;
    const top = (Math.min(...rows) - offset.y) / ratio;
    const bottom = (Math.max(...rows) + 1 - offset.y) / ratio;
    expect(Math.abs(left - 300)).toBeLessThanOrEqual(2);
    expect(Math.abs(right - 360)).toBeLessThanOrEqual(2);
    expect(Math.abs(top - 90)).toBeLessThanOrEqual(2);
    expect(Math.abs(bottom - 150)).toBeLessThanOrEqual(2);
  });

  // ITU-R BT.709 limited range: what the primaries are as Y, Cb, Cr.
  it.each([
    { name: 'black', yuv: [16, 128, 128], rgb: [0, 0, 0] },
    { name: 'white', yuv: [235, 128, 128], rgb: [255, 255, 255] },
    { name: 'red', yuv: [63, 102, 240], rgb: [255, 0, 0] },
    { name: 'green', yuv: [173, 42, 26], rgb: [0, 255, 0] },
    { name: 'blue', yuv: [32, 240, 118], rgb: [0, 0, 255] },
  ] as const)('$name comes out within a level or two', async ({ yuv, rgb }) => {
    const tensor = new Float32Array(3 * 8 * 8);
    await withFrame(plainPicture({ width: 64, height: 64 }, yuv), 'I420', (frame) =>
      addon.letterbox(frame, { ...base, width: 8, height: 8, scale: 1 }, tensor),
    );
    for (const [c, colour] of rgb.entries()) {
      expect(Math.abs((tensor[c * 64 + 9] ?? NaN) - colour)).toBeLessThanOrEqual(2);
    }
  });
});

describe('warpAffine', () => {
  const turned = (degrees: number, scale: number, x: number, y: number): number[] => {
    const angle = (degrees * Math.PI) / 180;
    return [scale * Math.cos(angle), -scale * Math.sin(angle), x, scale * Math.sin(angle), scale * Math.cos(angle), y];
  };
  const cases = [
    { name: 'identity', matrix: [1, 0, 0, 0, 1, 0] },
    { name: 'moved by a fraction', matrix: [1, 0, 10.3, 0, 1, 7.8] },
    { name: 'turned and enlarged', matrix: turned(17, 0.6, 40.2, 11.1) },
    { name: 'turned and made smaller, over the edges', matrix: turned(-133, 2.7, 120, 160) },
    { name: 'mirrored', matrix: [-1.2, 0.1, 100, 0, 0.9, 3] },
    { name: 'far outside', matrix: [1, 0, -5000, 0, 1, 60000] },
  ];

  it.each(cases.flatMap((one) => FORMATS.map((format) => ({ ...one, format }))))(
    '$name ($format)',
    async ({ matrix, format }) => {
      const options = { ...base, width: 56, height: 48, channels: 'BGR' as const, mean: 127.5, scale: 1 / 127.5 };
      const picture = randomPicture({ width: 131, height: 97 }, 5);
      const expected = referenceWarp(picture, matrix, options, BT709);
      const tensor = new Float32Array(3 * 56 * 48).fill(NaN);

      await withFrame(picture, format, (frame) => {
        addon.warpAffine(frame, matrix, options, tensor);
      });

      expect(firstDifference(tensor, expected)).toBeUndefined();
    },
  );

  it.each(FORMATS)('pads what is outside of the picture where it is told to (%s)', async (format) => {
    const picture = randomPicture({ width: 40, height: 30 }, 7);
    const options = { ...base, pad: 51, mean: 1, scale: 2, width: 60, height: 44 };
    const edge = new Float32Array(3 * 60 * 44);
    const padded = new Float32Array(3 * 60 * 44);

    await withFrame(picture, format, (frame) => {
      addon.warpAffine(frame, [1, 0, -10.25, 0, 1, -7.25], options, edge);
      addon.warpAffine(frame, [1, 0, -10.25, 0, 1, -7.25], { ...options, outside: 'pad' }, padded);
    });

    // Middles of pixels from 10 to 49 across and 7 to 36 down lie in the picture.
    const expected = edge.map((value, i) => {
      const [x, y] = [i % 60, Math.floor(i / 60) % 44];
      return x >= 10 && x < 50 && y >= 7 && y < 37 ? value : 100;
    });
    expect(firstDifference(padded, expected)).toBeUndefined();
  });

  it('agrees with letterbox where both only copy', async () => {
    const picture = randomPicture({ width: 64, height: 64 }, 6);
    const boxed = new Float32Array(3 * 64 * 64);
    const warped = new Float32Array(3 * 64 * 64);
    await withFrame(picture, 'NV12', (frame) => {
      addon.letterbox(frame, { ...base, scale: 1 }, boxed);
      addon.warpAffine(frame, [1, 0, 0, 0, 1, 0], { ...base, scale: 1 }, warped);
    });
    // Luma is copied in both; chroma between samples is rounded at different steps.
    const furthest = boxed.reduce((most, value, i) => Math.max(most, Math.abs(value - (warped[i] ?? NaN))), 0);
    expect(furthest).toBeLessThanOrEqual(3);
  });
});
