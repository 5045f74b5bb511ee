import { describe, expect, it } from 'vitest';
import { FrameRateMeter } from '#src/stream/stages/ingest/frame-rate-meter.js';

function measure(ptsMs: readonly number[], meter = new FrameRateMeter()): number | undefined {
  for (const pts of ptsMs) meter.add(pts);
  return meter.fps;
}

const frames = (count: number, distanceMs: number, jitterMs = 0): number[] =>
  Array.from({ length: count }, (_, index) => index * distanceMs + (index % 2) * jitterMs);

describe('FrameRateMeter', () => {
  it.each([
    ['30', frames(40, 1000 / 30), 30],
    ['60 in whole milliseconds', frames(40, 17), 59],
    ['25 with jitter', frames(41, 40, 0.3), 25],
    ['29.97', frames(40, 1001 / 30), 30],
    ['12.5', frames(40, 80), 12.5],
    ['less than 1', frames(40, 2000), 0.5],
  ])('reads %s', (_, pts, fps) => {
    expect(measure(pts)).toBe(fps);
  });

  it('says nothing before half a window', () => {
    expect(measure(frames(30, 33))).toBeUndefined();
    expect(measure(frames(31, 33))).toBeDefined();
  });

  it('is not led astray by lost frames or time stamps that do not rise', () => {
    const pts = frames(60, 40).filter((_, index) => index % 7 !== 3);

    expect(measure([...pts.slice(0, 20), pts[19] ?? 0, ...pts.slice(20)])).toBe(25);
  });

  it('follows a new rate within two windows', () => {
    const meter = new FrameRateMeter(10);
    measure(frames(20, 40), meter);

    expect(
      measure(
        frames(30, 20).map((pts) => pts + 10_000),
        meter,
      ),
    ).toBe(50);
  });
});
