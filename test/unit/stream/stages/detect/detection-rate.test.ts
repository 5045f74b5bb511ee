import { describe, expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import { DetectionRate } from '#src/stream/stages/detect/detection-rate.js';

const person = (x: number, score = 0.8): Detection => ({
  box: { x, y: 0, width: 200, height: 600 },
  kind: 'person',
  score,
  head: { x: x + 70, y: 20, width: 60, height: 80 },
});

const face = (x: number, score = 0.9): Detection => ({
  box: { x, y: 200, width: 80, height: 100 },
  kind: 'face',
  score,
});

/** Rate after 3 s of sets (4.5 s of faces), ten a second, of which `at` gives the people. */
function rateAfter(at: (seconds: number) => readonly Detection[], bodies = true): number {
  const rate = new DetectionRate({ maxFps: 15, calmFps: 4 });
  const end = bodies ? 30 : 45;
  for (let i = 0; i <= end; i++) rate.observe({ ptsMs: 100 * i, detections: at(i / 10), bodies });
  return rate.fps;
}

describe('DetectionRate', () => {
  it.each<[string, (seconds: number) => readonly Detection[], number]>([
    ['somebody sits still', () => [person(100)], 4],
    ['keypoints tremble', (s) => [person(100 + 10 * Math.sin(70 * s))], 4],
    ['nobody is there', () => [], 4],
    ['somebody walks', (s) => [person(100 + 200 * s)], 15],
    ['somebody came a second ago', (s) => (s < 2 ? [] : [person(100)]), 15],
    ['somebody came long ago', (s) => (s < 1 ? [] : [person(100)]), 4],
    ['a weak find comes and goes', (s) => [person(100), ...(Math.round(10 * s) % 3 ? [person(900, 0.2)] : [])], 4],
    ['somebody is found every other time', (s) => (Math.round(10 * s) % 2 ? [person(100)] : []), 15],
  ])('where %s', (_, at, fps) => {
    expect(rateAfter(at)).toBe(fps);
  });

  it.each<[string, (seconds: number) => readonly Detection[], number]>([
    ['two sit still', () => [face(100), face(900)], 4],
    ['nobody is there', () => [], 4],
    ['somebody sways', (s) => [face(100 + 20 * Math.sin(2 * s))], 4],
    ['somebody moves slowly, but on and on', (s) => [face(100 + 30 * s)], 15],
    ['somebody came a second ago', (s) => (s < 2 ? [] : [face(100)]), 15],
    ['somebody turned away a second ago', (s) => (s < 2 ? [face(100), face(900)] : [face(100)]), 15],
    ['a face is in doubt', () => [face(100), face(900, 0.6)], 15],
    [
      'something that is no face comes and goes',
      (s) => [face(100), ...(Math.round(10 * s) % 3 ? [face(900, 0.3)] : [])],
      4,
    ],
    ['two sit so close that they may meet at once', () => [face(100), face(250)], 15],
  ])('of faces, where %s', (_, at, fps) => {
    expect(rateAfter(at, false)).toBe(fps);
  });

  it('says of what it is calm', () => {
    const rate = new DetectionRate({ maxFps: 15, calmFps: 4 });
    expect([rate.isCalm, rate.isOfFaces]).toEqual([false, false]);
    for (let i = 0; i <= 30; i++) rate.observe({ ptsMs: 100 * i, detections: [face(100)] });

    expect([rate.isCalm, rate.isOfFaces]).toEqual([true, true]);
  });

  it('is never higher than the limit, and is the limit where no other is given', () => {
    expect(new DetectionRate({ maxFps: 2, calmFps: 4 }).fps).toBe(2);
    const rate = new DetectionRate({ maxFps: 2, calmFps: 4 });
    for (let i = 0; i < 30; i++) rate.observe({ ptsMs: 500 * i, detections: [], bodies: true });
    expect(rate.fps).toBe(2);
  });
});
