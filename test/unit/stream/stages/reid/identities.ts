import type { Track } from '#src/shared/domain/track.js';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import { IdentityStore } from '#src/stream/stages/reid/identity-store.js';
import { TrackIdentity } from '#src/stream/stages/reid/track-identity.js';

export const boxAt = (x: number) => ({ x, y: 0, width: 100, height: 125 });

/** A track in one set. */
export interface TrackAt {
  readonly id?: number;
  readonly x: number;
  readonly expectedX?: number;
  readonly isLost?: boolean;
  readonly score?: number;
  readonly cameraShift?: { x: number; y: number };
}

export function trackAt({ id = 1, x, expectedX = x, isLost = false, score = 0.9, cameraShift }: TrackAt): Track {
  return {
    id,
    state: isLost ? 'lost' : 'tracked',
    box: boxAt(x),
    score,
    kind: 'face',
    bornPtsMs: 0,
    seenPtsMs: 0,
    ...(isLost ? {} : { detectionIndex: 0 }),
    prediction: { box: boxAt(expectedX), stdPx: 10, ...(cameraShift ? { cameraShift } : {}) },
  };
}

export const identityAt = (at: TrackAt): TrackIdentity => new TrackIdentity(trackAt(at));

const store = new IdentityStore(appearanceOf('cosine'));

/** The track has an identity of its own. */
export function named(identity: TrackIdentity): TrackIdentity {
  const person = store.add(0);
  identity.person = person;
  person.holder = identity;
  return identity;
}
