import { describe, expect, it } from 'vitest';
import { lipSyncOf, onsetsOf, parseMetadata } from '#src/bench/lip-sync.js';
import type { TimedValue } from '#src/bench/trend.js';

/** Values at `fps` that are `high` for `lengthS` from each of `times` on, else `low`. */
function pulses(times: readonly number[], fps: number, lengthS: number, [low, high]: [number, number]): TimedValue[] {
  return Array.from({ length: 20 * fps }, (_, i) => {
    const atS = i / fps;
    return [atS, times.some((time) => atS >= time - 1e-9 && atS < time + lengthS) ? high : low];
  });
}

describe('lipSyncOf', () => {
  it.each([0, 48, -36])('finds that the sound is %d ms late', (lateMs) => {
    const flashes = [4, 8, 12, 16];
    const bells = [4, 6, 8, 10, 12, 14, 16].map((time) => time + lateMs / 1000);

    const found = lipSyncOf(
      pulses(flashes, 30, 0.1, [100, 235]),
      pulses(bells, 1000, 0.4, [Number.NEGATIVE_INFINITY, -18]),
    );

    expect(found).toEqual({ pairs: 4, medianMs: lateMs, worstMs: lateMs });
  });

  it('finds nothing where there is no bell near a flash', () => {
    const found = lipSyncOf(pulses([4, 8], 30, 0.1, [100, 235]), pulses([], 1000, 0.4, [-90, -18]));

    expect(found).toBeUndefined();
  });
});

describe('onsetsOf', () => {
  it('does not count what was above the level from the beginning', () => {
    expect(
      onsetsOf(
        [
          [0, 9],
          [1, 1],
          [2, 9],
          [3, 9],
        ],
        5,
      ),
    ).toEqual([2]);
  });
});

describe('parseMetadata', () => {
  it("reads what ffmpeg's metadata filter prints", () => {
    const text = [
      'frame:0    pts:0       pts_time:0',
      'lavfi.signalstats.YAVG=104.2',
      'frame:1    pts:33      pts_time:0.033',
      'lavfi.other=1',
      'lavfi.signalstats.YAVG=-inf',
      '',
    ].join('\n');

    expect(parseMetadata(text, 'lavfi.signalstats.YAVG')).toEqual([
      [0, 104.2],
      [0.033, Number.NEGATIVE_INFINITY],
    ]);
  });
});
