import { describe, expect, it } from 'vitest';
import { OverloadWatch } from '#src/stream/monitor/overload-watch.js';

interface Second {
  readonly seconds: number;
  readonly shown: number;
  readonly late?: number;
  readonly leftOut?: number;
  readonly lagMs?: number;
}

/** When the watch said that it is overloaded, and when that it is not any more, in seconds from the begin. */
function told(...parts: readonly Second[]): number[] {
  const watch = new OverloadWatch();
  const changes: number[] = [];
  let nowMs = 0;
  let was = false;
  for (const { seconds, shown, late = 0, leftOut = 0, lagMs = 40 } of parts) {
    for (let second = 0; second < seconds; second++) {
      const all = shown + late + leftOut;
      for (let i = 0; i < all; i++) {
        nowMs += 1000 / all;
        if (i < leftOut) watch.leftOut(nowMs);
        else watch.shown({ isNew: true, isLate: i < leftOut + late, lagMs }, nowMs);
      }
      const is = watch.sinceMs !== undefined;
      if (is !== was) changes.push(Math.round(nowMs / 1000));
      was = is;
    }
  }
  return changes;
}

describe('OverloadWatch', () => {
  it.each<[string, readonly Second[], readonly number[]]>([
    ['nothing of a stream in time', [{ seconds: 30, shown: 30 }], []],
    ['nothing where a fifth is missing', [{ seconds: 30, shown: 24, leftOut: 6 }], []],
    [
      'nothing of two bad seconds',
      [
        { seconds: 2, shown: 10, leftOut: 20 },
        { seconds: 20, shown: 30 },
      ],
      [],
    ],
    ['of a third that is left out, after three seconds', [{ seconds: 10, shown: 20, leftOut: 10 }], [4]],
    ['of pictures that are repeated because painting is slow', [{ seconds: 10, shown: 10, late: 20 }], [4]],
    ['of pictures that come late', [{ seconds: 10, shown: 30, lagMs: 2000 }], [4]],
    ['nothing of a delay that is allowed', [{ seconds: 10, shown: 30, lagMs: 200 }], []],
    [
      'that it is over after five good seconds',
      [
        { seconds: 10, shown: 15, leftOut: 15 },
        { seconds: 10, shown: 30 },
      ],
      [4, 15],
    ],
    [
      'one thing where it goes back and forth',
      [
        { seconds: 6, shown: 15, leftOut: 15 },
        { seconds: 4, shown: 26, leftOut: 4 },
        { seconds: 4, shown: 30 },
        { seconds: 2, shown: 20, leftOut: 10 },
      ],
      [4],
    ],
  ])('tells %s', (_, parts, expected) => {
    const changes = told(...parts);

    expect(changes.map((at, i) => Math.abs(at - (expected[i] ?? Infinity)) <= 1)).toEqual(expected.map(() => true));
  });

  it('says since when', () => {
    const watch = new OverloadWatch();
    for (let nowMs = 5000; nowMs < 10_000; nowMs += 50) watch.leftOut(nowMs);

    expect(watch.sinceMs).toBeGreaterThanOrEqual(5000);
    expect(watch.sinceMs).toBeLessThan(6100);
  });
});
