import { describe, expect, it } from 'vitest';
import { isSuspected, suspicionsIn } from '#src/bench/suspicions.js';

const about = { risk: 0, reasons: [] };
const box = { x: 0, y: 0, width: 10, height: 10 };

describe('suspicionsIn', () => {
  it('goes from the first doubt to the last, with all who were in doubt', () => {
    expect(
      suspicionsIn(
        [
          { ...about, ptsMs: 5, name: 'reentry', trackId: 9 },
          { ...about, ptsMs: 10, name: 'swap_suspected', trackId: 1 },
          { ...about, ptsMs: 20, name: 'swap_corrected', trackId: 2, formerTrackId: 3 },
          { ...about, ptsMs: 50, name: 'suspicion_ended', sincePtsMs: 10, untilPtsMs: 30, trackIds: [1, 4] },
          { ...about, ptsMs: 60, name: 'swap_suspected', trackId: 5 },
        ],
        90,
      ),
    ).toEqual([
      { sincePtsMs: 10, untilPtsMs: 30, trackIds: [1, 2, 3, 4] },
      { sincePtsMs: 60, untilPtsMs: 90, trackIds: [5] },
    ]);
  });
});

describe('isSuspected', () => {
  /** Person 1 is kept as 7 until frame 20, then as 8. */
  const kept = Array.from({ length: 40 }, (_, index) => ({
    frame: index + 1,
    truth: [{ id: 1, box }],
    result: [{ id: index < 20 ? 7 : 8, box }],
  }));

  it.each([
    { name: 'covers it', since: 900, until: 1200, ids: [7], found: true },
    { name: 'is about the new identity', since: 900, until: 1200, ids: [8], found: true },
    { name: 'begins right after it', since: 1150, until: 2000, ids: [7], found: true },
    { name: 'is about others', since: 900, until: 1200, ids: [3], found: false },
    { name: 'begins half a second later', since: 1500, until: 2000, ids: [7], found: false },
    { name: 'was over half a second before', since: 0, until: 500, ids: [7], found: false },
  ])('asks whether an episode covers the swap and its person: one that $name', ({ since, until, ids, found }) => {
    const suspicion = { sincePtsMs: since, untilPtsMs: until, trackIds: ids };

    expect(isSuspected({ frame: 21, person: 1 }, [suspicion], kept, 20)).toBe(found);
  });
});
