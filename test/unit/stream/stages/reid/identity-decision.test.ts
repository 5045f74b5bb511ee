import { describe, expect, it } from 'vitest';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import { decideIdentities } from '#src/stream/stages/reid/identity-decision.js';
import type { TrackIdentity } from '#src/stream/stages/reid/track-identity.js';
import { identityAt, named } from './identities.js';

const appearance = appearanceOf('cosine');
const sampleOf = (...embedding: number[]) => ({ embedding: Float32Array.from(embedding), ptsMs: 0, quality: 1 });

/** A person of this appearance, held by a track that is out of sight or sure of it. */
function known(isLost: boolean, ...embedding: number[]) {
  const identity = named(identityAt({ x: 0, isLost }));
  identity.person!.gallery.add(sampleOf(...embedding));
  return identity.person!;
}

/** An unresolved track of this appearance. */
const unresolved = (count: number, ...embedding: number[]): TrackIdentity =>
  Object.assign(identityAt({ x: 0 }), {
    isUnresolved: true,
    samples: Array.from({ length: count }, () => sampleOf(...embedding)),
  });

const ann = known(true, 1, 0, 0);
const bob = known(true, 0, 1, 0);
const present = known(false, 1, 0, 0);

describe('decideIdentities', () => {
  it.each([
    {
      name: 'a missing person',
      people: [ann, bob],
      track: unresolved(1, 0, 1, 0),
      expected: { kind: 'person', person: bob },
    },
    {
      name: 'one who is surely there',
      people: [present, bob],
      track: unresolved(1, 1, 0, 0),
      expected: { kind: 'contested', person: present },
    },
    { name: 'nobody known', people: [ann, bob], track: unresolved(2, 0, 0, 1), expected: { kind: 'stranger' } },
    {
      name: 'nobody known, after one sample',
      people: [ann, bob],
      track: unresolved(1, 0, 0, 1),
      expected: { kind: 'wait' },
    },
  ])('compares samples with galleries: $name', ({ people, track, expected }) => {
    expect(decideIdentities([track], people, appearance, 0)).toEqual([expected]);
  });
});
