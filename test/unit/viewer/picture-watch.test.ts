import { describe, expect, it } from 'vitest';
import { PictureWatch } from '#src/viewer/picture-watch.js';

/** What happens to a page, and when, ms. */
type Step = readonly ['begin' | 'expect' | 'picture', number];

describe('a page that waits for pictures', () => {
  it.each<[string, readonly Step[], number, boolean, number]>([
    ['has three seconds for the first one', [['begin', 1000]], 4000, false, 0],
    ['is broken without the first one', [['begin', 1000]], 4001, true, 0],
    [
      'plays',
      [
        ['begin', 1000],
        ['picture', 3900],
        ['picture', 6900],
      ],
      9900,
      false,
      3000,
    ],
    [
      'is broken when the picture stands still',
      [
        ['begin', 0],
        ['picture', 100],
        ['picture', 5100],
      ],
      8101,
      true,
      5000,
    ],
    [
      'waits anew for media of another origin',
      [
        ['begin', 0],
        ['picture', 100],
        ['expect', 3000],
      ],
      6000,
      false,
      0,
    ],
    [
      'forgets the pictures of the subscription before',
      [
        ['begin', 0],
        ['picture', 100],
        ['begin', 9000],
      ],
      9001,
      false,
      0,
    ],
  ])('%s', (_name, steps, nowMs, isBroken, playedMs) => {
    const watch = new PictureWatch();

    for (const [happens, atMs] of steps) watch[happens](atMs);

    expect(watch.isBroken(nowMs)).toBe(isBroken);
    expect(watch.playedMs).toBe(playedMs);
  });
});
