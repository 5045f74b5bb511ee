import { describe, expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import { cropQuality, isWhole } from '#src/stream/stages/reid/crop-quality.js';

const usual = { score: 0.9, aspect: 0.8 };
const detectionOf = (change: Partial<Detection['box']> = {}, score = 0.9): Detection => ({
  box: { x: 100, y: 100, width: 100, height: 125, ...change },
  score,
  kind: 'face',
});

describe('cropQuality', () => {
  it.each([
    { name: 'nothing over it', detection: detectionOf(), others: [], quality: 1 },
    { name: 'a person beside it', detection: detectionOf(), others: [detectionOf({ x: 210 }).box], quality: 1 },
    { name: 'a third covered', detection: detectionOf(), others: [detectionOf({ x: 170 }).box], quality: 0.5 },
    { name: 'mostly covered', detection: detectionOf(), others: [detectionOf({ x: 130 }).box], quality: 0 },
    { name: 'half the usual score', detection: detectionOf({}, 0.45), others: [], quality: 0 },
    { name: 'a little less than the usual score', detection: detectionOf({}, 0.82), others: [], quality: 1 },
    { name: 'narrower than usual', detection: detectionOf({ width: 75 }), others: [], quality: 0.5 },
    { name: 'wider than usual', detection: detectionOf({ width: 130 }), others: [], quality: 1 },
    { name: 'tiny', detection: detectionOf({ width: 20, height: 25 }), others: [], quality: 0 },
    { name: 'small', detection: detectionOf({ width: 36, height: 45 }), others: [], quality: 0.5 },
  ])('falls with what covers or weakens a face: $name', ({ detection, others, quality }) => {
    expect(cropQuality(detection, others, usual)).toBeCloseTo(quality, 6);
  });

  it('does not count the detection as its own cover', () => {
    const detection = detectionOf();

    expect(cropQuality(detection, [detection.box], usual)).toBe(1);
  });

  it('does not count score and aspect of a new person', () => {
    expect(cropQuality(detectionOf({ width: 75 }, 0.5), [], undefined)).toBe(1);
  });

  it.each([
    { name: 'left', change: { x: 0 } },
    { name: 'top', change: { y: -5 } },
    { name: 'right', change: { x: 540 } },
    { name: 'bottom', change: { y: 235 } },
  ])('is low where the edge of the picture cuts the crop: $name', ({ change }) => {
    expect(cropQuality(detectionOf(change), [], usual, { width: 640, height: 360 })).toBe(0.4);
    expect(cropQuality(detectionOf(), [], usual, { width: 640, height: 360 })).toBe(1);
  });
});

describe('isWhole', () => {
  it.each([
    { name: 'as usual', detection: detectionOf(), whole: true },
    { name: 'half covered from the side', detection: detectionOf({ width: 70 }), whole: false },
    { name: 'found much less surely', detection: detectionOf({}, 0.6), whole: false },
    { name: 'a little narrower and weaker', detection: detectionOf({ width: 90 }, 0.75), whole: true },
  ])('$name', ({ detection, whole }) => {
    expect(isWhole(detection, usual)).toBe(whole);
  });

  it('is not known of somebody new', () => {
    expect(isWhole(detectionOf({ width: 40 }, 0.2), undefined)).toBe(true);
  });
});
