import { describe, expect, it } from 'vitest';
import type { TrackIdentity } from '#src/stream/stages/reid/track-identity.js';
import { updateIdentities } from '#src/stream/stages/reid/track-identity.js';
import { identityAt, named, trackAt } from './identities.js';

const sample = { embedding: Float32Array.of(1), ptsMs: 0, quality: 1 };

describe('TrackIdentity', () => {
  it('is sure of nothing at first', () => {
    expect(identityAt({ x: 0 })).toMatchObject({
      isConfirmed: false,
      isUnresolved: false,
      isVisible: true,
      uncertainty: 0,
    });
  });

  it('begins anew when it becomes unresolved', () => {
    const identity = Object.assign(identityAt({ x: 0 }), { samples: [sample], requestCount: 5, requestPauseMs: 250 });

    identity.markUnresolved(400);

    expect(identity).toMatchObject({
      isUnresolved: true,
      samples: [],
      requestCount: 0,
      requestPauseMs: 0,
      nextRequestPtsMs: 400,
      validFromPtsMs: 400,
    });
  });

  it('has no uncertainty left once it is confirmed', () => {
    const identity = Object.assign(identityAt({ x: 0 }), { uncertainty: 0.6, waitingSincePtsMs: 4, samples: [sample] });
    identity.reasons.add('jump');
    identity.markUnresolved(0);

    identity.confirm();

    expect(identity).toMatchObject({ isConfirmed: true, isUnresolved: false, uncertainty: 0, samples: [] });
    expect(identity.waitingSincePtsMs).toBeUndefined();
    expect(identity.reasons.size).toBe(0);
  });

  it.each([
    { name: 'in sight', isLost: false, isUnresolved: true },
    { name: 'out of sight', isLost: true, isUnresolved: false },
  ])('has to confirm the identity that it got from another: $name', ({ isLost, isUnresolved }) => {
    const identity = Object.assign(named(identityAt({ x: 0, isLost })), { isConfirmed: true });
    const { person } = named(identityAt({ x: 0 }));

    identity.displace(person, 80, 0.3);

    expect(identity.person).toBe(person);
    expect(identity).toMatchObject({ isConfirmed: false, uncertainty: 0.3, isUnresolved });
  });
});

describe('updateIdentities', () => {
  it('follows the tracker: confirmed tracks come, removed ones go and leave their person without a holder', () => {
    const gone = named(identityAt({ id: 1, x: 0 }));
    const kept = named(identityAt({ id: 2, x: 0 }));
    const identities = new Map<number, TrackIdentity>([
      [1, gone],
      [2, kept],
    ]);

    updateIdentities(identities, [
      { ...trackAt({ id: 1, x: 0 }), state: 'removed' },
      trackAt({ id: 2, x: 0, isLost: true }),
      trackAt({ id: 3, x: 0 }),
      { ...trackAt({ id: 4, x: 0 }), state: 'new' },
    ]);

    expect([...identities.keys()]).toEqual([2, 3]);
    expect(identities.get(2)).toBe(kept);
    expect(kept.isVisible).toBe(false);
    expect(gone.person!.holder).toBeUndefined();
  });
});
