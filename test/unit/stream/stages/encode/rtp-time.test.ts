import { describe, expect, it } from 'vitest';
import { rtpTimestampOf } from '#src/stream/stages/encode/rtp-time.js';

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
    expect(rtpTimestampOf(ptsMs)).toBe(expected);
  });

  it('counts in the clock of sound too', () => {
    expect(rtpTimestampOf(20, 48_000)).toBe(960);
  });
});
