import { describe, expect, it } from 'vitest';
import type { Detection, DetectionSet } from '#src/shared/domain/detection.js';
import type { Track } from '#src/shared/domain/track.js';
import { ByteTracker, type ByteTrackerOptions } from '#src/stream/stages/track/byte-tracker.js';

const FRAME_MS = 1000 / 30;
const detectionAt = (x: number, score = 0.9): Detection => ({
  box: { x, y: 100, width: 100, height: 125 },
  score,
  kind: 'face',
});
const setAt = (frame: number, ...detections: Detection[]): DetectionSet => ({ ptsMs: frame * FRAME_MS, detections });

/** Feeds one list of detections a frame, from frame 0 on. */
function feed(
  frames: readonly Detection[][],
  options?: ByteTrackerOptions,
): { tracker: ByteTracker; results: (readonly Track[])[] } {
  const tracker = new ByteTracker(options);
  return { tracker, results: frames.map((detections, frame) => tracker.update(setAt(frame, ...detections))) };
}

const still = (count: number, ...detections: Detection[]): Detection[][] =>
  Array.from({ length: count }, () => detections);
const seen = (tracks: readonly Track[] | undefined): number[] =>
  (tracks ?? [])
    .filter(({ state }) => state === 'tracked')
    .map(({ id }) => id)
    .sort((a, b) => a - b);

describe('ByteTracker', () => {
  it('confirms people of the very first set at once', () => {
    const { results } = feed([
      [detectionAt(0), detectionAt(400)],
      [detectionAt(4), detectionAt(396)],
    ]);

    expect(seen(results[0])).toEqual([1, 2]);
    expect(seen(results[1])).toEqual([1, 2]);
    expect(results[1]!.map(({ detectionIndex }) => detectionIndex)).toEqual([0, 1]);
  });

  it('confirms a new track at the second match', () => {
    const { results } = feed([[], [detectionAt(0)], [detectionAt(2)]]);

    expect(results[1]).toMatchObject([{ id: 1, state: 'new' }]);
    expect(results[2]).toMatchObject([{ id: 1, state: 'tracked', bornPtsMs: FRAME_MS, seenPtsMs: 2 * FRAME_MS }]);
  });

  it('removes a track that was matched once', () => {
    const { results } = feed([[], [detectionAt(0)], []]);

    expect(results[2]).toEqual([]);
  });

  it.each([
    { name: 'under the score for a new track', score: 0.69, tracks: 0 },
    { name: 'at the score for a new track', score: 0.7, tracks: 1 },
  ])('starts a track only on strong evidence: $name', ({ score, tracks }) => {
    const { results } = feed([[detectionAt(0, score)]]);

    expect(results[0]).toHaveLength(tracks);
  });

  it.each([
    { name: 'a weak detection keeps a track', score: 0.3, state: 'tracked' },
    { name: 'one at the lower threshold does not', score: 0.1, state: 'lost' },
    { name: 'neither does one exactly at the upper threshold, as published', score: 0.6, state: 'lost' },
  ])('matches weak detections in a second stage: $name', ({ score, state }) => {
    const { results } = feed([...still(5, detectionAt(0)), [detectionAt(3, score)]]);

    expect(results[5]).toMatchObject([{ id: 1, state }]);
  });

  it('does not bring a lost track back on a weak detection', () => {
    const { results } = feed([...still(5, detectionAt(0)), [], [detectionAt(0, 0.4)], [detectionAt(0)]]);

    expect(results[6]).toMatchObject([{ id: 1, state: 'lost' }]);
    expect(results[7]).toMatchObject([{ id: 1, state: 'tracked' }]);
  });

  it.each([
    { name: 'within its time', goneFrames: 31, id: 1 },
    { name: 'after its time', goneFrames: 32, id: 2 },
  ])('matches a lost track $name, and never gives an old id to a new one', ({ goneFrames, id }) => {
    const { results } = feed([...still(5, detectionAt(0)), ...still(goneFrames), ...still(2, detectionAt(0))]);

    expect(seen(results.at(-1))).toEqual([id]);
  });

  it('measures time-outs in seconds, whatever the frame rate', () => {
    const tracker = new ByteTracker({ lostS: 0.5, stepMs: 100 });
    const at = (ptsMs: number, ...detections: Detection[]): readonly Track[] => tracker.update({ ptsMs, detections });
    at(0, detectionAt(0));

    expect(at(500)).toMatchObject([{ state: 'lost' }]);
    expect(at(610)).toEqual([]);
  });

  it('predicts people through a gap with constant velocity', () => {
    const frames = Array.from({ length: 30 }, (_, frame) => [detectionAt(8 * frame)]);
    const { tracker } = feed([...frames, ...still(5)]);

    const [track] = tracker.predict(34 * FRAME_MS);

    expect(track).toMatchObject({ id: 1, state: 'lost' });
    expect(track!.box.x).toBeCloseTo(8 * 34, -1);
  });

  it('predicts without changing anything', () => {
    const frames = Array.from({ length: 10 }, (_, frame) => [detectionAt(5 * frame)]);
    const { tracker } = feed(frames);
    const now = tracker.predict(9 * FRAME_MS);

    const ahead = tracker.predict(12 * FRAME_MS);

    expect(ahead[0]!.box.x).toBeGreaterThan(now[0]!.box.x + 10);
    expect(tracker.predict(9 * FRAME_MS)).toEqual(now);
    expect(tracker.predict(0)).toEqual(now);
    expect(new ByteTracker().predict(0)).toEqual([]);
  });

  it('keeps the older of two tracks in one position', () => {
    // Person 1 is lost at 60; person 2, whose track is older by then, passes that position.
    const coming = Array.from({ length: 20 }, (_, step) => [detectionAt(351 - 15 * step)]);
    const { results } = feed([...still(60, detectionAt(60), detectionAt(360)), ...coming]);

    expect(results[65]!.map(({ id, state }) => `${id} ${state}`)).toEqual(['2 tracked', '1 lost']);
    expect(results[79]!.map(({ id, state }) => `${id} ${state}`)).toEqual(['2 tracked']);
  });

  it('prefers the detection of higher score of two with equal overlap', () => {
    const { results } = feed([...still(3, detectionAt(100)), [detectionAt(90, 0.65), detectionAt(110, 0.95)]]);

    expect(results[3]!.find(({ id }) => id === 1)).toMatchObject({ detectionIndex: 1 });
  });

  it('has the landmarks of the latest detection', () => {
    const landmarks = [{ x: 1, y: 2 }];
    const { results } = feed([[{ ...detectionAt(0), landmarks }], []]);

    expect(results[1]).toMatchObject([{ state: 'lost', landmarks }]);
    expect(results[1]![0]).not.toHaveProperty('detectionIndex');
  });

  it('refuses a PTS that does not rise', () => {
    const tracker = new ByteTracker();
    tracker.update(setAt(1));

    expect(() => tracker.update(setAt(1))).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_PTS_NOT_MONOTONIC' }));
  });

  describe('with combined association', () => {
    const combined: ByteTrackerOptions = { association: 'combined' };
    const jump = [...still(30, detectionAt(400), detectionAt(800)), [detectionAt(800), detectionAt(1200)]];

    it('compensates a jump of the camera', () => {
      const { results } = feed(jump, combined);

      const at = (id: number) => results[30]!.find((one) => one.id === id);
      expect(at(1)).toMatchObject({ state: 'tracked', detectionIndex: 0 });
      expect(at(2)).toMatchObject({ state: 'tracked', detectionIndex: 1 });
      expect(at(1)!.prediction?.cameraShift?.x).toBeCloseTo(400, 0);
    });

    it('is what was published for tracks whose identity no look would check', () => {
      const tracker = new ByteTracker(combined, () => false);

      const results = jump.map((detections, frame) => tracker.update(setAt(frame, ...detections)));

      expect(results[30]!.find(({ id }) => id === 2)).toMatchObject({ detectionIndex: 0 });
    });

    it('is not what was published', () => {
      const { results } = feed(jump);

      expect(results[30]!.find(({ id }) => id === 2)).toMatchObject({ detectionIndex: 0 });
    });

    it.each([
      { association: 'combined', state: 'tracked' },
      { association: 'published', state: 'lost' },
    ] as const)('lets a weak detection bring back who was lost just now: $association', ({ association, state }) => {
      const { results } = feed([...still(5, detectionAt(0)), ...still(3), [detectionAt(0, 0.4)]], { association });

      expect(results[8]).toMatchObject([{ id: 1, state }]);
    });

    it('matches a person who moved too fast to overlap', () => {
      const { results } = feed(
        [...still(10, detectionAt(400)), ...still(12), [detectionAt(520)], [detectionAt(520)]],
        combined,
      );

      expect(seen(results.at(-1))).toEqual([1]);
    });
  });
});
