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
