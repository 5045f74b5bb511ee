import { describe, expect, it } from 'vitest';
import { HlsTimeline } from '#src/stream/hls/hls-timeline.js';

const WRAP_MS = 2 ** 33 / 90;

/** Shows a segment of a second. */
function show(timeline: HlsTimeline, run: string, mediaMs: number, nowMs: number): number | undefined {
  timeline.begin(run, mediaMs, nowMs);
  timeline.finish(run, mediaMs + 1000);
  return timeline.at(run, mediaMs);
}

describe('HlsTimeline', () => {
  it('shows what comes first a moment after it came, and the rest as it follows', () => {
    const timeline = new HlsTimeline();

    const shown = [show(timeline, 'a', 50_000, 10_000), show(timeline, 'a', 51_000, 10_010), timeline.endMs];

    expect(shown).toEqual([10_300, 11_300, 12_300]);
  });

  it.each([
    ['a discontinuity', 'b', 5],
    ['a jump ahead that nothing tells', 'a', 900_000],
    ['a jump back that nothing tells', 'a', 0],
  ])('goes on after %s', (_, run, mediaMs) => {
    const timeline = new HlsTimeline();
    show(timeline, 'a', 50_000, 10_000);

    expect(show(timeline, run, mediaMs, 10_100)).toBe(11_300);
  });

  it('keeps a gap that is a segment which was left out', () => {
    const timeline = new HlsTimeline();
    show(timeline, 'a', 50_000, 10_000);

    expect(show(timeline, 'a', 52_000, 10_100)).toBe(12_300);
  });

  it('goes on later where a segment came late', () => {
    const timeline = new HlsTimeline();
    show(timeline, 'a', 50_000, 10_000);

    expect(show(timeline, 'a', 51_000, 15_000)).toBe(15_300);
    expect(timeline.at('a', 51_500)).toBe(15_800);
  });

  it('puts times that wrap next to those before', () => {
    const timeline = new HlsTimeline();
    show(timeline, 'a', WRAP_MS - 1000, 10_000);

    expect(timeline.unwrap(20)).toBeCloseTo(WRAP_MS + 20, 3);
    expect(timeline.unwrap(WRAP_MS - 20)).toBeCloseTo(WRAP_MS - 20, 3);
  });

  it('knows nothing of a run whose pictures have not come', () => {
    expect(new HlsTimeline().at('a', 5)).toBeUndefined();
  });
});
