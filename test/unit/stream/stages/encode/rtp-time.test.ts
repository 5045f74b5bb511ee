import { describe, expect, it } from 'vitest';
import { isLaterTimestamp, rtpTimestampOf } from '#src/stream/stages/encode/rtp-time.js';

describe('rtpTimestampOf', () => {
  it.each([
    [0, 0],
    [1000, 90_000],
    [33.333333, 2999],
    [33.333334, 3000],
    [100 / 3, 2999],
    [0.011111, 0],
    [0.011112, 1],
    // 2³² ticks: 47,721.858844 s
    [47_721_858.844, 4_294_967_295],
    [47_721_858.845, 0],
    [47_721_859.844, 89],
  ])('%d ms is %d', (ptsMs, expected) => {
    expect(rtpTimestampOf(ptsMs, 0)).toBe(expected);
  });

  it('counts in the clock of sound too', () => {
    expect(rtpTimestampOf(20, 0, 48_000)).toBe(960);
  });

  it('counts from a time that processes share, and wraps', () => {
    expect(rtpTimestampOf(1000, 2000)).toBe(270_000);
    expect(rtpTimestampOf(1, 47_721_858.844)).toBe(89);
  });
});

describe('isLaterTimestamp', () => {
  it.each([
    [3001, 3000, true],
    [3000, 3000, false],
    [2999, 3000, false],
    [5, 4_294_967_290, true],
    [4_294_967_290, 5, false],
  ])('%d after %d: %s', (timestamp, other, expected) => {
    expect(isLaterTimestamp(timestamp, other)).toBe(expected);
  });
});
