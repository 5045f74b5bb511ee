import { describe, expect, it } from 'vitest';
import type { Track } from '#src/shared/domain/track.js';
import { NamesOnAir } from '#src/stream/stages/assign/names-on-air.js';

const NAMES = new Map([
  [1, 'Anna'],
  [2, 'Ben'],
]);

const tracked = (id: number, doubt?: Track['doubt']): Track => ({
  ...{ id, state: 'tracked', box: { x: 0, y: 0, width: 9, height: 9 }, score: 1, kind: 'face', bornPtsMs: 0 },
  ...{ seenPtsMs: 0, ...(doubt && { doubt }) },
});

describe('NamesOnAir', () => {
  it.each(['cut', 'mixed'] as const)(
    'leaves out the name of somebody in doubt, and for a moment after: %s',
    (doubt) => {
      const onAir = new NamesOnAir();
      const shown = [
        { ptsMs: 0, tracks: [tracked(1), tracked(2)] },
        { ptsMs: 40, tracks: [tracked(1, doubt), tracked(2)] },
        { ptsMs: 400, tracks: [tracked(1), tracked(2)] },
        { ptsMs: 440, tracks: [tracked(1), tracked(2)] },
      ].map((frame) => [...onAir.update(NAMES, frame).values()].join());

      expect(shown).toEqual(['Anna,Ben', 'Ben', 'Ben', 'Anna,Ben']);
    },
  );

  it('leaves out the name of somebody who is not in the frame', () => {
    expect([...new NamesOnAir().update(NAMES, { ptsMs: 0, tracks: [tracked(2)] }).values()]).toEqual(['Ben']);
  });

  it('gives the same map as long as the names are the same', () => {
    const onAir = new NamesOnAir();
    const first = onAir.update(NAMES, { ptsMs: 0, tracks: [tracked(2)] });

    expect(onAir.update(NAMES, { ptsMs: 40, tracks: [tracked(2)] })).toBe(first);
  });
});
