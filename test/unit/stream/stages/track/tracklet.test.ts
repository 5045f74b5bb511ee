import { describe, expect, it } from 'vitest';
import type { Detection } from '#src/shared/domain/detection.js';
import { beginTracklet, matchTracklet, toTrack } from '#src/stream/stages/track/tracklet.js';

const detection: Detection = { box: { x: 0, y: 0, width: 80, height: 100 }, score: 0.9, kind: 'face' };
const later: Detection = { ...detection, score: 0.7, landmarks: [{ x: 1, y: 2 }] };

describe('beginTracklet', () => {
  it.each([
    { name: 'of the very first set', isFirstSet: true, state: 'tracked', confirmed: true },
    { name: 'of a later set', isFirstSet: false, state: 'new', confirmed: false },
  ])('begins a track $name', ({ isFirstSet, state, confirmed }) => {
    expect(beginTracklet(3, detection, 1, 40, isFirstSet)).toMatchObject({
      id: 3,
      state,
      confirmed,
      bornPtsMs: 40,
      seenPtsMs: 40,
      detectionIndex: 1,
    });
  });
});

describe('matchTracklet', () => {
  it('confirms the track and keeps the detection', () => {
    const track = beginTracklet(1, detection, 0, 0, false);

    matchTracklet(track, later, 2, 40);

    expect(track).toMatchObject({
      state: 'tracked',
      confirmed: true,
      seenPtsMs: 40,
      detection: later,
      detectionIndex: 2,
    });
  });
});

describe('toTrack', () => {
  it.each([
    { name: 'of the latest set', steps: 0, lastPtsMs: 40, detectedX: 100 },
    { name: 'moved on with the estimate', steps: 2, lastPtsMs: 40, detectedX: 100 },
    { name: 'of a track that was not matched', steps: 0, lastPtsMs: 80, detectedX: undefined },
  ])('gives the box of the detection beside the estimate: $name', ({ steps, lastPtsMs, detectedX }) => {
    const track = beginTracklet(1, detection, 0, 0, true);
    track.filter.predict(1);
    matchTracklet(track, { ...detection, box: { ...detection.box, x: 100 } }, 0, 40);
    const walked = track.filter.box(steps).x - track.filter.box().x;

    const { box, detectedBox } = toTrack(track, steps, lastPtsMs);

    expect(detectedBox?.x).toBe(detectedX === undefined ? undefined : detectedX + walked);
    expect(box.x).toBeLessThan(100 + walked);
  });

  it.each([
    { name: 'matched in the latest set', lastPtsMs: 0, index: 4 },
    { name: 'not matched in it', lastPtsMs: 40, index: undefined },
  ])('has the index of a detection only of the latest set: $name', ({ lastPtsMs, index }) => {
    const track = beginTracklet(1, detection, 4, 0, true);

    expect(toTrack(track, 0, lastPtsMs).detectionIndex).toBe(index);
  });

  it('has prediction and landmarks only where there are any', () => {
    const track = beginTracklet(1, detection, 0, 0, true);
    const before = toTrack(track, 0, 0);

    matchTracklet(track, later, 0, 40);
    track.prediction = { box: detection.box, stdPx: 5 };
    const after = toTrack(track, 0, 40);

    expect('prediction' in before || 'landmarks' in before).toBe(false);
    expect(after).toMatchObject({ prediction: track.prediction, landmarks: later.landmarks, score: 0.7 });
  });
});

describe('head of a person', () => {
  const face = { x: 30, y: 10, width: 30, height: 40 };
  const seen: Detection = { ...detection, kind: 'person', head: face, landmarks: [{ x: 1, y: 2 }] };
  const turnedAway = (height: number): Detection => ({
    ...detection,
    kind: 'person',
    gaze: 'away',
    head: { x: 45 - height * 0.375, y: 30 - height / 2, width: height * 0.75, height },
  });

  it.each([
    ['much smaller', 15, 34],
    ['much larger', 90, 46],
    ['about as large', 42, 42],
  ])('keeps about its size by keypoints that say %s', (_, height, expected) => {
    const track = beginTracklet(1, seen, 0, 0, true);

    matchTracklet(track, turnedAway(height), 0, 40);

    const { head, gaze } = toTrack(track, 0, 40);
    expect(gaze).toBe('away');
    expect(head!.height).toBeCloseTo(expected);
    expect(head!.x + head!.width / 2).toBeCloseTo(45);
    expect(head!.y + head!.height / 2).toBeCloseTo(30);
  });

  it('is as keypoints say where no face was seen', () => {
    const track = beginTracklet(1, turnedAway(15), 0, 0, true);

    matchTracklet(track, turnedAway(20), 0, 40);

    expect(toTrack(track, 0, 40).head!.height).toBe(20);
  });

  it('moves with the box between detections', () => {
    const track = beginTracklet(1, seen, 0, 0, true);
    for (let i = 1; i <= 10; i++) {
      const shift = (place: typeof face) => ({ ...place, x: place.x + 10 * i });
      matchTracklet(track, { ...seen, box: shift(seen.box), head: shift(face) }, 0, 40 * i);
      track.filter.predict(1);
    }

    const [now, after] = [0, 3].map((steps) => toTrack(track, steps, 400));

    expect(after!.head!.x - now!.head!.x).toBeCloseTo(after!.box.x - now!.box.x);
    expect(after!.head!.x).toBeGreaterThan(now!.head!.x);
  });
});
