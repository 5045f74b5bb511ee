import { describe, expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import { dropRepeatedHeads, gazeOfFace, headByKeypoints, type Keypoint } from '#src/stream/stages/detect/pose.js';

type Place = readonly [x: number, y: number, score?: number];

/** A body of 17 keypoints of which only these are seen. */
function body(
  places: Partial<
    Record<'nose' | 'leftEye' | 'rightEye' | 'leftEar' | 'rightEar' | 'leftShoulder' | 'rightShoulder', Place>
  >,
): Keypoint[] {
  const names = ['nose', 'leftEye', 'rightEye', 'leftEar', 'rightEar', 'leftShoulder', 'rightShoulder'] as const;
  return Array.from({ length: 17 }, (_, k) => {
    const [x, y, score = 0.6] = places[names[k]!] ?? [0, 0, 0.02];
    return { x, y, score };
  });
}

const box = { x: 0, y: 0, width: 300, height: 700 };
/** Somebody 100 pixels from ear to ear, at (150, 100), facing the camera: their left is on the right. */
const facing = {
  nose: [150, 110],
  leftEye: [170, 90],
  rightEye: [130, 90],
  leftEar: [200, 100],
  rightEar: [100, 100],
  leftShoulder: [270, 250],
  rightShoulder: [30, 250],
} as const;

describe('headByKeypoints', () => {
  it('finds the head of somebody who faces the camera', () => {
    const { head, gaze } = headByKeypoints(body(facing), box);

    expect(gaze).toBe('front');
    expect(head!.x + head!.width / 2).toBeCloseTo(150, 0);
    expect(head!.y + head!.height / 2).toBeCloseTo(98, 0);
    expect(head!.height).toBeGreaterThan(105);
    expect(head!.height).toBeLessThan(140);
  });

  it.each([
    ['the left of the picture', { ...facing, nose: [105, 110] }, 'left'],
    ['the right', { ...facing, nose: [195, 110] }, 'right'],
    ['the left, one ear seen', { nose: [110, 110], rightEye: [120, 90], leftEar: [160, 100] }, 'left'],
    ['the right, one ear seen', { nose: [190, 110], leftEye: [180, 90], rightEar: [140, 100] }, 'right'],
    [
      'away: shoulders the other way round, no face',
      { leftEar: [105, 100], rightEar: [195, 100], leftShoulder: [30, 250], rightShoulder: [270, 250] },
      'away',
    ],
    ['nowhere that can be told', { leftEar: [150, 100] }, undefined],
  ] as const)('says who looks to %s', (_, places, gaze) => {
    expect(headByKeypoints(body(places), box).gaze).toBe(gaze);
  });

  it('finds a head above the shoulders where none of its points is seen', () => {
    const { head } = headByKeypoints(body({ leftShoulder: [50, 250], rightShoulder: [250, 250] }), box);

    expect(head!.x + head!.width / 2).toBeCloseTo(150);
    expect(head!.y + head!.height / 2).toBeCloseTo(130);
  });

  it('gives no head where neither head nor shoulders are seen', () => {
    expect(headByKeypoints(body({}), box)).toEqual({});
  });

  it('keeps a head in proportion to its person', () => {
    const tall = headByKeypoints(body({ leftEar: [300, 100], rightEar: [-300, 100] }), { ...box, height: 200 });

    expect(tall.head!.height).toBeCloseTo(120);
  });
});

describe('gazeOfFace', () => {
  const eyes = [
    { x: 100, y: 100 },
    { x: 140, y: 100 },
  ];

  it.each([
    [120, 'front'],
    [104, 'left'],
    [136, 'right'],
  ])('with the nose at %i is %s', (x, gaze) => {
    expect(gazeOfFace([...eyes, { x, y: 120 }])).toBe(gaze);
  });
});

describe('dropRepeatedHeads', () => {
  const person = (score: number, x: number, height: number): Detection => ({
    box: { x, y: 0, width: 100, height: 300 },
    kind: 'person',
    score,
    head: { x, y: 0, width: height * 0.75, height },
  });

  it('keeps the surer of two bodies with one head, and people side by side', () => {
    const kept = dropRepeatedHeads([person(0.5, 10, 60), person(0.8, 0, 50), person(0.4, 60, 50)]);

    expect(kept.map(({ score }) => score)).toEqual([0.8, 0.4]);
  });

  it('keeps detections without heads', () => {
    const { head: _, ...headless } = person(0.5, 0, 50);

    expect(dropRepeatedHeads([headless, headless])).toHaveLength(2);
  });
});
