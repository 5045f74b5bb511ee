import { describe, expect, it } from 'vitest';
import { SequenceOrigin } from '#src/gateway/signaling/sequence-origin.js';

describe('SequenceOrigin', () => {
  it.each<[string, readonly (readonly [next: number, counted: number])[], number | undefined]>([
    ['is not known before anything was said', [], undefined],
    ['is what was sent, less what was counted', [[1100, 100]], 1000],
    [
      'is the latest that follows from what was said',
      [
        [1090, 100],
        [1295, 300],
        [1380, 400],
      ],
      995,
    ],
    ['wraps', [[10, 20]], 65_526],
    [
      'is later beyond the wrap',
      [
        [10, 20],
        [40, 38],
      ],
      2,
    ],
    [
      'is later before it',
      [
        [40, 38],
        [10, 20],
      ],
      2,
    ],
    [
      'stays after hours',
      [
        [1100, 100],
        [(1000 + 5_000_000) % 65_536, 5_000_000],
      ],
      1000,
    ],
  ])('%s', (_, said, first) => {
    const origin = new SequenceOrigin();

    for (const [next, counted] of said) origin.note(next, counted);

    expect(origin.first).toBe(first);
  });
});
