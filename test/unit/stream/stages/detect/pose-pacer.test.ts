import { describe, expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import { PosePacer, type Pose } from '#src/stream/stages/detect/pose-pacer.js';

const person = (x: number, more: Partial<Detection> & { height?: number; y?: number } = {}): Detection => {
  const { height = 400, y = 100, ...others } = more;
  return { box: { x: x - height / 4, y, width: height / 2, height }, kind: 'person', score: 0.9, ...others };
};

const poseAt = (x: number): Pose => ({ head: { x: x - 30, y: 120, width: 60, height: 80 }, gaze: 'front' });

/** Reads the poses of those who are due; gives their indices. */
function readAll(pacer: PosePacer, people: readonly Detection[], ptsMs: number) {
  const { due, apply } = pacer.next(people, ptsMs);
  const posed = apply(new Map(due.map((i) => [i, poseAt(people[i]!.box.x + people[i]!.box.width / 2)])));
  return { due, posed };
}

/** How often the pose of one person is read in a second of detections, 20 of them. */
function readsInASecond(personAt: (ptsMs: number) => Detection): number {
  const pacer = new PosePacer();
  let reads = 0;
  for (let ptsMs = 0; ptsMs <= 1000; ptsMs += 50) reads += readAll(pacer, [personAt(ptsMs)], ptsMs).due.length;
  return reads;
}

describe('PosePacer', () => {
  it('reads the pose of somebody who is new at once', () => {
    const { due, posed } = readAll(new PosePacer(), [person(300), person(900)], 0);

    expect(due).toEqual([0, 1]);
    expect(posed.map(({ head, gaze }) => [head?.x, gaze])).toEqual([
      [270, 'front'],
      [870, 'front'],
    ]);
  });

  it('reads it twice a second while nobody moves, five times while somebody does', () => {
    expect(readsInASecond(() => person(300))).toBe(3);
    expect(readsInASecond((ptsMs) => person(300 + ptsMs / 2))).toBe(6);
    expect(readsInASecond((ptsMs) => person(300, { height: 400 + ptsMs / 2 }))).toBe(6);
  });

  it('takes trembling boxes for nobody who moves', () => {
    expect(readsInASecond((ptsMs) => person(300 + (ptsMs % 100 ? 8 : 0), { height: ptsMs % 100 ? 410 : 400 }))).toBe(3);
  });

  it('moves the head along with the body in between', () => {
    const pacer = new PosePacer();
    readAll(pacer, [person(300)], 0);

    const { due, posed } = readAll(pacer, [person(350, { y: 60, height: 500 })], 50);

    expect(due).toEqual([]);
    // A quarter larger; 20 below the upper edge, in the middle.
    expect(posed[0]).toMatchObject({
      box: { x: 225, y: 60, width: 250, height: 500 },
      head: { x: 350 - 37.5, y: 60 + 25, width: 75, height: 100 },
      gaze: 'front',
    });
  });

  it('keeps that nobody could tell where a head is', () => {
    const pacer = new PosePacer();
    pacer.next([person(300)], 0).apply(new Map([[0, {}]]));

    expect(readAll(pacer, [person(300)], 100)).toEqual({ due: [], posed: [person(300)] });
  });

  it('tells people apart by their places, in whatever order they come', () => {
    const pacer = new PosePacer();
    readAll(pacer, [person(300), person(900)], 0);

    const { due, posed } = readAll(pacer, [person(905), person(500), person(295)], 100);

    expect(due).toEqual([1]);
    expect(posed.map(({ head }) => head?.x)).toEqual([875, 470, 265]);
  });

  it('leaves weak detections alone, and keeps the head of somebody who becomes one', () => {
    const pacer = new PosePacer();
    readAll(pacer, [person(300)], 0);

    const { due, posed } = readAll(pacer, [person(300, { score: 0.2 }), person(900, { score: 0.2 })], 1000);

    expect(due).toEqual([]);
    expect(posed.map(({ head }) => head?.x)).toEqual([270, undefined]);
  });

  it('reads eight in a frame at most, whoever has waited longest first', () => {
    const pacer = new PosePacer();
    const crowd = Array.from({ length: 12 }, (_, i) => person(300 * (i + 1), { score: 0.9 - i / 100 }));

    expect(readAll(pacer, crowd, 0).due).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(readAll(pacer, crowd, 600).due).toEqual([8, 9, 10, 11, 0, 1, 2, 3]);
    expect(readAll(pacer, crowd, 1200).due.slice(0, 4)).toEqual([4, 5, 6, 7]);
  });

  it('forgets somebody who was not found for a second, and everybody when time goes back', () => {
    const pacer = new PosePacer();
    readAll(pacer, [person(300)], 5000);
    readAll(pacer, [], 5500);
    expect(readAll(pacer, [person(300)], 5450 + 10).due).toEqual([0]);
    readAll(pacer, [], 6000);
    expect(readAll(pacer, [person(300)], 6461).due).toEqual([0]);
  });
});
