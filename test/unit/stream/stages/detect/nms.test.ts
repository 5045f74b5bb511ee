import { describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import { area, intersectionArea, iou } from '#src/shared/domain/box.js';
import type { Detection, SubjectKind } from '#src/shared/domain/detection.js';
import { suppressNonMaxima } from '#src/stream/stages/detect/nms.js';

const at = (
  x: number,
  score: number,
  { size = 100, kind = 'face' }: { readonly size?: number; readonly kind?: SubjectKind } = {},
): Detection => ({
  box: { x, y: 0, width: size, height: size },
  score,
  kind,
});

describe('suppressNonMaxima', () => {
  it.each([
    ['keeps the stronger of two on one face', [at(0, 0.6), at(5, 0.9)], [0.9]],
    ['keeps neighbours that overlap less than the threshold', [at(0, 0.6), at(60, 0.9)], [0.9, 0.6]],
    ['keeps several faces, strongest first', [at(0, 0.5), at(300, 0.8), at(600, 0.7)], [0.8, 0.7, 0.5]],
    ['keeps a face inside its person', [at(0, 0.6), at(0, 0.9, { kind: 'person' })], [0.9, 0.6]],
    ['is not stopped by a weak detection between two strong ones', [at(0, 0.9), at(30, 0.4), at(60, 0.8)], [0.9, 0.8]],
    ['keeps detections without an area', [at(0, 0.9, { size: 0 }), at(0, 0.8, { size: 0 })], [0.9, 0.8]],
    ['is empty without detections', [], []],
  ])('%s', (_, detections, scores) => {
    const kept = suppressNonMaxima(detections, { iouThreshold: 0.45 });

    expect(kept.map(({ score }) => score)).toEqual(scores);
  });

  it('keeps exactly at the threshold and drops just above it', () => {
    // 100×100 boxes, 50 apart: IoU 1/3.
    const pair = [at(0, 0.9), at(50, 0.8)];

    expect(suppressNonMaxima(pair, { iouThreshold: 1 / 3 })).toHaveLength(2);
    expect(suppressNonMaxima(pair, { iouThreshold: 0.33 })).toHaveLength(1);
  });

  it('drops half a face inside a whole one only when asked to', () => {
    const pair = [at(0, 0.9), at(10, 0.8, { size: 40 })];

    expect(suppressNonMaxima(pair, { iouThreshold: 0.45 })).toHaveLength(2);
    expect(suppressNonMaxima(pair, { iouThreshold: 0.45, containmentThreshold: 0.7 })).toHaveLength(1);
  });

  it('keeps the order of equal scores', () => {
    const kept = suppressNonMaxima([at(400, 0.7), at(0, 0.7)], { iouThreshold: 0.45 });

    expect(kept.map(({ box }) => box.x)).toEqual([400, 0]);
  });

  it('limits the number of detections and does not change its argument', () => {
    const detections = Array.from({ length: 400 }, (_, i) => at(i * 200, i / 400));

    const kept = suppressNonMaxima(detections, { iouThreshold: 0.45, maxCount: 10 });

    expect(kept).toHaveLength(10);
    expect(kept[0]?.score).toBe(399 / 400);
    expect(detections[0]?.score).toBe(0);
  });

  it.each([undefined, 0.7])(
    'keeps each of a crowd that no stronger detection repeats, containment %s',
    (containmentThreshold) => {
      const next = seededRandom(7);
      const crowd = Array.from({ length: 300 }, (): Detection => ({
        box: { x: next() * 900 - 50, y: next() * 500, width: next() * 200, height: next() * 200 },
        score: Math.floor(next() * 50) / 50,
        kind: next() < 0.5 ? 'face' : 'person',
      }));
      const repeats = (a: Detection, b: Detection): boolean =>
        a.kind === b.kind &&
        (iou(a.box, b.box) > 0.3 ||
          intersectionArea(a.box, b.box) / Math.min(area(a.box), area(b.box)) > (containmentThreshold ?? Infinity));
      const expected: Detection[] = [];
      for (const detection of [...crowd].sort((a, b) => b.score - a.score)) {
        if (!expected.some((better) => repeats(better, detection))) expected.push(detection);
      }

      const kept = suppressNonMaxima(crowd, {
        iouThreshold: 0.3,
        ...(containmentThreshold && { containmentThreshold }),
      });

      expect(expected.length).toBeGreaterThan(40);
      expect(expected.length).toBeLessThan(crowd.length);
      expect(kept).toEqual(expected);
    },
  );
});
