import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import type { Box, Size } from '#src/shared/domain/box.js';
import type { FrameFormat } from '#src/shared/domain/frame.js';
import { addon, composed, firstDifference, packed, plainPicture, randomPicture, whole, withFrame } from './pictures.js';
import { referenceCompose } from './reference.js';

const FORMATS: readonly FrameFormat[] = ['I420', 'NV12'];

afterEach(() => {
  expect(addon.liveFrames()).toBe(0);
});

describe('one region', () => {
  const cases: readonly { name: string; source: Size; output: Size; crop: Box; dest: Box; alpha?: number }[] = [
    {
      name: 'half a pixel to the right and down',
      source: { width: 64, height: 48 },
      output: { width: 32, height: 32 },
      crop: { x: 8.5, y: 6.5, width: 32, height: 32 },
      dest: { x: 0, y: 0, width: 32, height: 32 },
    },
    {
      name: 'an odd whole pixel: luma copied, chroma between samples',
      source: { width: 64, height: 48 },
      output: { width: 32, height: 32 },
      crop: { x: 7, y: 5, width: 32, height: 32 },
      dest: { x: 0, y: 0, width: 32, height: 32 },
    },
    {
      name: 'enlarged from a fraction of a pixel on',
      source: { width: 129, height: 97 },
      output: { width: 200, height: 150 },
      crop: { x: 20.37, y: 11.81, width: 61.3, height: 45.7 },
      dest: { x: 0, y: 0, width: 200, height: 150 },
    },
    {
      name: 'made smaller, up to 2 : 1',
      source: { width: 301, height: 203 },
      output: { width: 160, height: 110 },
      crop: { x: 0.2, y: 0.4, width: 300.7, height: 202.3 },
      dest: { x: 0, y: 0, width: 160, height: 110 },
    },
    {
      name: 'exactly 2 : 1',
      source: { width: 128, height: 96 },
      output: { width: 64, height: 48 },
      crop: { x: 0, y: 0, width: 128, height: 96 },
      dest: { x: 0, y: 0, width: 64, height: 48 },
    },
    {
      name: 'more than 2 : 1, by area',
      source: { width: 331, height: 207 },
      output: { width: 84, height: 54 },
      crop: { x: 10.3, y: 3.9, width: 300.2, height: 200.1 },
      dest: { x: 0, y: 0, width: 84, height: 54 },
    },
    {
      name: 'by area along one axis only',
      source: { width: 331, height: 60 },
      output: { width: 50, height: 90 },
      crop: { x: 10.3, y: 3.9, width: 300.2, height: 50.1 },
      dest: { x: 0, y: 0, width: 50, height: 90 },
    },
    {
      name: 'to almost nothing',
      source: { width: 641, height: 361 },
      output: { width: 8, height: 6 },
      crop: { x: 0, y: 0, width: 641, height: 361 },
      dest: { x: 2, y: 2, width: 4, height: 2 },
    },
    {
      name: 'a crop that reaches over every edge',
      source: { width: 61, height: 43 },
      output: { width: 96, height: 80 },
      crop: { x: -9.7, y: -12.1, width: 82.9, height: 71.4 },
      dest: { x: 0, y: 0, width: 96, height: 80 },
    },
    {
      name: 'a crop by area over every edge',
      source: { width: 161, height: 143 },
      output: { width: 48, height: 40 },
      crop: { x: -30.2, y: -29.9, width: 220.9, height: 201.4 },
      dest: { x: 0, y: 0, width: 48, height: 40 },
    },
    {
      name: 'a crop beside the picture',
      source: { width: 61, height: 43 },
      output: { width: 32, height: 32 },
      crop: { x: 70.2, y: 50.1, width: 30, height: 30 },
      dest: { x: 0, y: 0, width: 32, height: 32 },
    },
    {
      name: 'a source smaller than a vector',
      source: { width: 5, height: 3 },
      output: { width: 48, height: 32 },
      crop: { x: 0.1, y: 0.1, width: 4.8, height: 2.7 },
      dest: { x: 0, y: 0, width: 48, height: 32 },
    },
    {
      name: 'a single pixel',
      source: { width: 1, height: 1 },
      output: { width: 16, height: 16 },
      crop: { x: 0, y: 0, width: 1, height: 1 },
      dest: { x: 2, y: 4, width: 10, height: 8 },
    },
    {
      name: 'cut by the left and upper edge of the output, the phase kept',
      source: { width: 129, height: 97 },
      output: { width: 64, height: 64 },
      crop: { x: 20.37, y: 11.81, width: 61.3, height: 45.7 },
      dest: { x: -26, y: -34, width: 80, height: 80 },
    },
    {
      name: 'cut by the right and lower edge of the output',
      source: { width: 129, height: 97 },
      output: { width: 64, height: 64 },
      crop: { x: 20.37, y: 11.81, width: 61.3, height: 45.7 },
      dest: { x: 22, y: 30, width: 80, height: 80 },
    },
    {
      name: 'copied and cut',
      source: { width: 128, height: 96 },
      output: { width: 64, height: 64 },
      crop: { x: 4, y: 2, width: 100, height: 80 },
      dest: { x: -12, y: -10, width: 100, height: 80 },
    },
    {
      name: 'outside the output',
      source: { width: 64, height: 48 },
      output: { width: 32, height: 32 },
      crop: { x: 0, y: 0, width: 64, height: 48 },
      dest: { x: 32, y: 0, width: 32, height: 32 },
    },
    {
      name: 'a third opaque',
      source: { width: 129, height: 97 },
      output: { width: 70, height: 50 },
      crop: { x: 20.37, y: 11.81, width: 61.3, height: 45.7 },
      dest: { x: 4, y: 4, width: 62, height: 44 },
      alpha: 1 / 3,
    },
    {
      name: 'transparent',
      source: { width: 64, height: 48 },
      output: { width: 32, height: 32 },
      crop: { x: 0, y: 0, width: 64, height: 48 },
      dest: { x: 0, y: 0, width: 32, height: 32 },
      alpha: 0,
    },
  ];

  it.each(cases.flatMap((one) => FORMATS.map((format) => ({ ...one, format }))))(
    '$name ($format)',
    async ({ source, output, crop, dest, alpha = 1, format }) => {
      const picture = randomPicture(source, 7);
      const expected = referenceCompose(output, [{ picture, crop, dest, alpha }]);

      const actual = await withFrame(picture, format, (frame) => composed(output, [{ frame, crop, dest, alpha }]));

      expect(firstDifference(actual, expected)).toBeUndefined();
    },
  );

  it('follows the definition for crops and places nobody thought of', async () => {
    const next = seededRandom(2024);
    const between = (least: number, most: number): number => least + next() * (most - least);
    const even = (least: number, most: number): number => 2 * Math.round(between(least, most) / 2);
    for (let round = 0; round < 60; round += 1) {
      const source = { width: Math.round(between(1, 180)), height: Math.round(between(1, 120)) };
      const output = { width: even(2, 90), height: even(2, 70) };
      const crop = { x: between(-20, 100), y: between(-20, 80), width: between(0.5, 260), height: between(0.5, 200) };
      const dest = { x: even(-30, 40), y: even(-30, 40), width: even(2, 120), height: even(2, 100) };
      const alpha = round % 3 === 0 ? next() : 1;
      const format = round % 2 === 0 ? 'I420' : 'NV12';
      const picture = randomPicture(source, round);
      const expected = referenceCompose(output, [{ picture, crop, dest, alpha }]);

      const actual = await withFrame(picture, format, (frame) => composed(output, [{ frame, crop, dest, alpha }]));

      const difference = firstDifference(actual, expected);
      expect(difference && JSON.stringify({ difference, source, output, crop, dest, alpha, format })).toBeUndefined();
    }
  });

  it.each(FORMATS)('is the source itself where the whole of it fills the output (%s)', async (format) => {
    const size = { width: 320, height: 180 };
    const picture = randomPicture(size, 1);

    const actual = await withFrame(picture, format, (frame) =>
      composed(size, [{ frame, crop: whole(size), dest: whole(size), alpha: 1 }]),
    );

    expect(firstDifference(actual, packed(picture, 'I420'))).toBeUndefined();
  });

  it('keeps a plain picture plain at every scale', async () => {
    const picture = plainPicture({ width: 333, height: 187 }, [235, 16, 240]);
    const output = { width: 96, height: 64 };
    const expected = packed(plainPicture(output, [235, 16, 240]), 'I420');
    await withFrame(picture, 'I420', async (frame) => {
      for (const width of [10.3, 96, 150.7, 192, 300.1, 900]) {
        const crop = { x: 3.3, y: 1.7, width, height: width / 1.5 };
        const actual = await composed(output, [{ frame, crop, dest: whole(output), alpha: 1 }]);
        expect(firstDifference(actual, expected)).toBeUndefined();
      }
    });
  });

  it('moves an edge steadily while the crop moves by a hundredth of a pixel', async () => {
    const size = { width: 64, height: 16 };
    const picture = plainPicture(size, [16, 128, 128]);
    for (let y = 0; y < size.height; y += 1) picture[0].data.fill(235, y * size.width + 32, (y + 1) * size.width);
    const output = { width: 64, height: 16 };

    const sums = await withFrame(picture, 'I420', async (frame) => {
      const seen: number[] = [];
      for (let step = 0; step <= 100; step += 1) {
        const crop = { x: step / 100, y: 0, width: 64, height: 16 };
        const actual = await composed(output, [{ frame, crop, dest: whole(output), alpha: 1 }]);
        seen.push(actual.subarray(0, 64).reduce((sum, value) => sum + value, 0));
      }
      return seen;
    });

    // Over one pixel the row gains 219; no step may stand out from 2.19 by more than the
    // rounding of position (1/128 pixel) and sample allows.
    const steps = sums.slice(1).map((sum, i) => sum - (sums[i] ?? NaN));
    expect(sums.at(-1)).toBe((sums[0] ?? NaN) + 219);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(5);
  });
});
