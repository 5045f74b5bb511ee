import { describe, expect, it } from 'vitest';
import {
  coverCrop,
  roundToEven,
  sceneShare,
  shrinkTo,
  zoomBetween,
} from '#src/stream/stages/compose/scene-geometry.js';

const hd = { width: 1920, height: 1080 };

describe('scene geometry', () => {
  it.each([
    { value: 0.9, even: 0 },
    { value: 1, even: 2 },
    { value: 959.9, even: 960 },
    { value: -3, even: -2 },
  ])('rounds $value to $even', ({ value, even }) => {
    expect(roundToEven(value)).toBe(even);
  });

  it.each([
    { shape: { width: 960, height: 1080 }, crop: { x: 480, y: 0, width: 960, height: 1080 } },
    { shape: { width: 320, height: 180 }, crop: { x: 0, y: 0, width: 1920, height: 1080 } },
    { shape: { width: 400, height: 100 }, crop: { x: 0, y: 300, width: 1920, height: 480 } },
  ])('covers $shape from the middle', ({ shape, crop }) => {
    expect(coverCrop(shape, hd)).toEqual(crop);
  });

  it.each([
    { name: 'same', picture: { width: 1280, height: 720 }, share: { width: 1, height: 1 } },
    { name: '16:10, nearly the same', picture: { width: 1280, height: 800 }, share: { width: 1, height: 1 } },
    { name: '4:3', picture: { width: 640, height: 480 }, share: { width: 0.75, height: 1 } },
    { name: 'upright', picture: { width: 1080, height: 1920 }, share: { width: 0.31640625, height: 1 } },
    { name: 'panorama', picture: { width: 3840, height: 1080 }, share: { width: 1, height: 0.5 } },
  ])('fits the scene into the output: $name', ({ picture, share }) => {
    const { width, height } = sceneShare(hd, picture);

    expect(width).toBeCloseTo(share.width);
    expect(height).toBeCloseTo(share.height);
  });

  it('draws a box in to whole even numbers', () => {
    const box = { x: 960, y: 0, width: 960, height: 1080 };

    expect(shrinkTo(box, { width: 0.75, height: 1 }, 0)).toEqual(box);
    expect(shrinkTo(box, { width: 0.75, height: 1 }, 1)).toEqual({ x: 1080, y: 0, width: 720, height: 1080 });
    expect(shrinkTo(box, { width: 0.75, height: 1 }, 0.333)).toEqual({ x: 1000, y: 0, width: 880, height: 1080 });
  });

  it('zooms by equal ratios, inside the picture, aspect kept', () => {
    const from = { x: 1500, y: 700, width: 320, height: 180 };
    const to = { x: 0, y: 0, width: 1920, height: 1080 };

    const crops = [0, 0.25, 0.5, 0.75, 1].map((amount) => zoomBetween(from, to, amount));

    expect(crops[0]).toEqual(from);
    expect(crops[4]).toEqual(to);
    const ratios = crops.slice(1).map(({ height }, index) => height / crops[index]!.height);
    for (const ratio of ratios) expect(ratio).toBeCloseTo(6 ** 0.25);
    for (const { x, y, width, height } of crops) {
      expect(width / height).toBeCloseTo(16 / 9);
      expect(Math.min(x, y, 1920 - x - width, 1080 - y - height)).toBeGreaterThanOrEqual(-1e-9);
    }
  });

  it('pans between crops of one size', () => {
    const crop = { x: 0, y: 0, width: 160, height: 90 };

    expect(zoomBetween(crop, { ...crop, x: 100 }, 0.25)).toEqual({ ...crop, x: 25 });
  });
});
