import { describe, expect, it } from 'vitest';
import { DetectionClock } from '#src/stream/stages/detect/detection-clock.js';

/** How many of 10 s of frames are due, and the PTS of the first few. */
function due(sourceFps: number, maxFps: number) {
  const clock = new DetectionClock(maxFps);
  const pts = Array.from({ length: sourceFps * 10 }, (_, i) => Math.round((i * 1000) / sourceFps));
  return pts.filter((ptsMs) => clock.take(ptsMs));
}

describe('DetectionClock', () => {
  it.each([
    [30, 15, 150],
    [30, 30, 300],
    [30, 60, 300],
    [25, 15, 150],
    [60, 15, 150],
    [30, 7, 70],
  ])('%d fps at most %d gives %d in 10 s', (sourceFps, maxFps, count) => {
    expect(Math.abs(due(sourceFps, maxFps).length - count)).toBeLessThanOrEqual(1);
  });

  it('spreads them evenly', () => {
    expect(due(30, 15).slice(0, 4)).toEqual([0, 67, 133, 200]);
  });

  it('does not catch up after a gap', () => {
    const clock = new DetectionClock(10);
    const taken = [0, 100, 5000, 5040, 5080, 5120].filter((ptsMs) => clock.take(ptsMs));

    expect(taken).toEqual([0, 100, 5000, 5120]);
  });

  it.each([0, -1, Number.NaN])('refuses maxFps %d', (maxFps) => {
    expect(() => new DetectionClock(maxFps)).toThrow(RangeError);
  });
});
