import { describe, expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import { cropQuality } from '#src/stream/stages/reid/crop-quality.js';

const usual = { score: 0.9, aspect: 0.8 };
const found = (change: Partial<Detection['box']> = {}, score = 0.9): Detection => ({
  box: { x: 100, y: 100, width: 100, height: 125, ...change },
  score,
  kind: 'face',
});

describe('cropQuality', () => {
  it.each([
    { name: 'nothing in the way', detection: found(), others: [], quality: 1 },
    { name: 'somebody beside', detection: found(), others: [found({ x: 210 }).box], quality: 1 },
    { name: 'a third covered', detection: found(), others: [found({ x: 170 }).box], quality: 0.5 },
    { name: 'mostly covered', detection: found(), others: [found({ x: 130 }).box], quality: 0 },
    { name: 'half as sure as usual', detection: found({}, 0.45), others: [], quality: 0 },
    { name: 'a little less sure', detection: found({}, 0.82), others: [], quality: 1 },
    { name: 'narrower than usual', detection: found({ width: 75 }), others: [], quality: 0.5 },
    { name: 'wider than usual', detection: found({ width: 130 }), others: [], quality: 1 },
    { name: 'tiny', detection: found({ width: 20, height: 25 }), others: [], quality: 0 },
    { name: 'small', detection: found({ width: 36, height: 45 }), others: [], quality: 0.5 },
  ])('falls with what hides a face: $name', ({ detection, others, quality }) => {
    expect(cropQuality(detection, others, usual)).toBeCloseTo(quality, 6);
  });

  it('does not count the detection as its own cover', () => {
    const detection = found();

    expect(cropQuality(detection, [detection.box], usual)).toBe(1);
  });

  it('cannot judge score and aspect of somebody new', () => {
    expect(cropQuality(found({ width: 75 }, 0.5), [], undefined)).toBe(1);
  });

  it.each([
    { name: 'left', change: { x: 0 } },
    { name: 'top', change: { y: -5 } },
    { name: 'right', change: { x: 540 } },
    { name: 'bottom', change: { y: 235 } },
  ])('trusts no crop that the edge of the picture cuts: $name', ({ change }) => {
    expect(cropQuality(found(change), [], usual, { width: 640, height: 360 })).toBe(0.4);
    expect(cropQuality(found(), [], usual, { width: 640, height: 360 })).toBe(1);
  });
});
