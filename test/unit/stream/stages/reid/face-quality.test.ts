import { describe, expect, it } from 'vitest';
import type { Box, Point } from '#src/shared/domain/box.js';
import { geometricFlaw, type Crop } from '#src/stream/stages/reid/face-quality.js';

const HD = { width: 1920, height: 1080 };

/** A frontal face with its eyes 53 pixels apart, as dlib's mean face, moved and scaled. */
function face({
  x = 500,
  y = 300,
  scale = 1,
  others = [] as readonly Box[],
  change = (p: Point, _i: number): Point => p,
} = {}): Crop {
  const points = [
    { x: 48, y: 47 },
    { x: 101, y: 47 },
    { x: 74.5, y: 77 },
    { x: 51, y: 103.5 },
    { x: 98, y: 103.5 },
  ];
  return {
    box: { x, y, width: 150 * scale, height: 150 * scale },
    landmarks: points.map(change).map((point) => ({ x: x + point.x * scale, y: y + point.y * scale })),
    others,
  };
}

const turnedBy = (angle: number) =>
  face({
    change: ({ x, y }) => ({
      x: 75 + (x - 75) * Math.cos(angle) - (y - 75) * Math.sin(angle),
      y: 75 + (x - 75) * Math.sin(angle) + (y - 75) * Math.cos(angle),
    }),
  });

describe('geometricFlaw', () => {
  it.each([
    ['a frontal face', face(), undefined],
    ['a head bent to the side', turnedBy(0.6), undefined],
    ['somebody beside it', face({ others: [{ x: 640, y: 300, width: 150, height: 150 }] }), undefined],
    ['somebody over a fifth of it', face({ others: [{ x: 620, y: 300, width: 150, height: 150 }] }), 'covered'],
    ['somebody small in the middle of it', face({ others: [{ x: 540, y: 340, width: 70, height: 70 }] }), 'covered'],
    ['a face a little over the edge', face({ x: -10 }), undefined],
    ['a face over the left edge', face({ x: -30 }), 'cut'],
    ['a face over the lower edge', face({ y: 960 }), 'cut'],
    ['a landmark outside', face({ x: 1770, change: (p, i) => (i === 1 ? { ...p, x: 151 } : p) }), 'cut'],
    ['eyes 13 pixels apart', face({ scale: 13 / 53 }), undefined],
    ['eyes 11 pixels apart', face({ scale: 11 / 53 }), 'small'],
    ['a nose near one eye', face({ change: (p, i) => (i === 2 ? { ...p, x: 97 } : p) }), 'turned'],
    [
      'eyes near each other: a face from the side',
      face({ change: (p, i) => (i < 2 ? { ...p, x: 75 + (p.x - 75) * 0.4 } : p) }),
      'turned',
    ],
    ['a mouth near the eyes: a face from above', face({ change: (p, i) => (i > 2 ? { ...p, y: 70 } : p) }), 'turned'],
    ['a mouth over the eyes', face({ change: (p, i) => (i > 2 ? { ...p, y: 20 } : p) }), 'no-landmarks'],
    ['eyes in one place', face({ change: (p, i) => (i < 2 ? { x: 75, y: 47 } : p) }), 'no-landmarks'],
    ['no landmarks', { box: { x: 500, y: 300, width: 150, height: 150 }, others: [] }, 'no-landmarks'],
    ['too few landmarks', { ...face(), landmarks: [{ x: 510, y: 310 }] }, 'no-landmarks'],
  ])('says of %s', (_, crop, flaw) => {
    expect(geometricFlaw(crop, HD, true)).toBe(flaw);
  });

  it.each([
    [40, undefined],
    [31, 'small'],
  ])('goes by a width of %d where the model needs no landmarks', (width, flaw) => {
    expect(geometricFlaw({ box: { x: 500, y: 300, width, height: 2 * width }, others: [] }, HD, false)).toBe(flaw);
  });
});
