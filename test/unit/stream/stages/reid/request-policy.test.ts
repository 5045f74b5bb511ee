import { describe, expect, it } from 'vitest';
import { isFitForGallery, needsEmbedding, noteRequest } from '#src/stream/stages/reid/request-policy.js';
import type { TrackIdentity } from '#src/stream/stages/reid/track-identity.js';
import { identityAt, named } from './identities.js';

/** Alone, confirmed, with a good crop. */
const calm = (change: Partial<TrackIdentity> = {}): TrackIdentity =>
  Object.assign(named(identityAt({ x: 0 })), { isConfirmed: true, cropQuality: 1, ...change });

/** With a gallery of so many samples, the newest at `ptsMs`. */
function withGallery(size: number, ptsMs: number): TrackIdentity {
  const identity = calm();
  for (let sample = 0; sample < size; sample += 1) {
    identity.person!.gallery.add({ embedding: Float32Array.of(1), ptsMs, quality: 1 });
  }
  return identity;
}

describe('needsEmbedding', () => {
  it.each([
    { name: 'off', mode: 'off' as const, identity: calm({ isUnresolved: true }), needed: false },
    { name: 'always, good enough', mode: 'always' as const, identity: calm({ cropQuality: 0.3 }), needed: true },
    { name: 'always, too poor', mode: 'always' as const, identity: calm({ cropQuality: 0.29 }), needed: false },
    {
      name: 'unresolved, a fair crop',
      mode: 'conditional' as const,
      identity: calm({ isUnresolved: true, cropQuality: 0.3 }),
      needed: true,
    },
    {
      name: 'unresolved, in a pause',
      mode: 'conditional' as const,
      identity: calm({ isUnresolved: true, nextRequestPtsMs: 1001 }),
      needed: false,
    },
    { name: 'an empty gallery', mode: 'conditional' as const, identity: calm(), needed: true },
    { name: 'a half full one', mode: 'conditional' as const, identity: withGallery(3, 850), needed: true },
    { name: 'right after a sample', mode: 'conditional' as const, identity: withGallery(3, 851), needed: false },
    {
      name: 'an empty gallery, a fair crop',
      mode: 'conditional' as const,
      identity: calm({ cropQuality: 0.7 }),
      needed: false,
    },
  ])('decides by mode, uncertainty and gallery: $name', ({ mode, identity, needed }) => {
    expect(needsEmbedding(identity, 1000, mode)).toBe(needed);
  });
});

describe('looks at people who are sure', () => {
  it.each([
    { name: 'at its turn', lastMs: 900, ptsMs: 2000, turn: 0, needed: true },
    { name: 'before its turn', lastMs: 100, ptsMs: 1999, turn: 0, needed: false },
    { name: 'another one, before its turn', lastMs: 100, ptsMs: 2999, turn: 0.5, needed: true },
    { name: 'another one, after its turn', lastMs: 3000, ptsMs: 4900, turn: 0.5, needed: false },
    { name: 'less than a second ago', lastMs: 1500, ptsMs: 2400, turn: 0, needed: false },
    { name: 'a second ago', lastMs: 1500, ptsMs: 2500, turn: 0, needed: true },
  ])('come in turns: $name', ({ lastMs, ptsMs, turn, needed }) => {
    expect(needsEmbedding(withGallery(4, lastMs), ptsMs, 'conditional', turn)).toBe(needed);
  });
});

describe('noteRequest', () => {
  it('doubles the pause of an unresolved track after four requests, up to a quarter of a second', () => {
    const identity = calm({ isUnresolved: true });

    const pauses = Array.from({ length: 8 }, () => {
      noteRequest(identity, 0);
      return identity.requestPauseMs;
    });

    expect(pauses).toEqual([0, 0, 0, 60, 120, 240, 250, 250]);
    expect(identity.nextRequestPtsMs).toBe(250);
  });

  it('makes the pause longer after eight requests that filled no gallery', () => {
    const identity = calm();
    for (let request = 0; request < 8; request += 1) noteRequest(identity, 0);

    expect(needsEmbedding(identity, 999, 'conditional')).toBe(false);
    expect(needsEmbedding(identity, 1000, 'conditional')).toBe(true);
  });
});

describe('isFitForGallery', () => {
  it.each([
    { name: 'nothing against it', change: {}, isFit: true },
    { name: 'a fair crop', change: { cropQuality: 0.79 }, isFit: false },
    { name: 'overlapped', change: { isOverlapped: true }, isFit: false },
    { name: 'not confirmed', change: { isConfirmed: false }, isFit: false },
    { name: 'uncertain', change: { uncertainty: 0.15 }, isFit: false },
    {
      name: 'a person hidden behind it',
      change: { isClear: false, occluded: new Set([calm().person!]) },
      isFit: false,
    },
  ])('takes only what surely shows one person: $name', ({ change, isFit }) => {
    expect(isFitForGallery(calm(change))).toBe(isFit);
  });

  it('takes an uncovered face of a new person, whoever may be hidden, and not of one who is known well', () => {
    const hidden = { occluded: new Set([named(identityAt({ x: 0 })).person!]) };

    expect(isFitForGallery(calm(hidden))).toBe(true);
    expect(isFitForGallery(Object.assign(withGallery(4, 0), hidden))).toBe(false);
  });

  it('looks at the quality of an older sample too', () => {
    expect(isFitForGallery(calm(), 0.79)).toBe(false);
  });
});
