import { describe, expect, it } from 'vitest';
import type { Track } from '#src/shared/domain/track.js';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import type { AppearanceSample } from '#src/stream/stages/reid/gallery.js';
import { TrackIdentity, type KnownPerson } from '#src/stream/stages/reid/track-identity.js';
import { enrol, IdentityStore } from '#src/stream/stages/reid/identity-store.js';

const track: Track = {
  id: 1,
  state: 'tracked',
  box: { x: 0, y: 0, width: 80, height: 100 },
  score: 0.9,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs: 0,
};
const sampleOf = (x: number, y: number, quality = 1): AppearanceSample => ({
  embedding: Float32Array.of(x, y),
  quality,
  ptsMs: 0,
});
const newStore = (): IdentityStore => new IdentityStore(appearanceOf('cosine'));
const meet = (person: KnownPerson, one = sampleOf(1, 0)): TrackIdentity => {
  const identity = new TrackIdentity(track);
  identity.person = person;
  person.holder = identity;
  enrol(person, one, identity);
  return identity;
};

describe('IdentityStore', () => {
  it('counts people from 1', () => {
    const store = newStore();

    expect([store.add(0).id, store.add(0).id]).toEqual([1, 2]);
  });

  it('recognises people of whom it has a sample', () => {
    const store = newStore();
    const known = store.add(0);
    store.add(0);
    meet(known);

    expect(store.recognisable).toEqual([known]);
    expect(known.usual).toEqual({ score: 0.9, aspect: 0.8 });
  });

  it.each([
    { name: 'in sight', change: {}, isMissing: false },
    { name: 'out of sight', change: { isVisible: false }, isMissing: true },
    { name: 'in sight, but unresolved', change: { isUnresolved: true }, isMissing: true },
  ])('knows whether a person is missing: $name', ({ change, isMissing }) => {
    const store = newStore();
    Object.assign(meet(store.add(0)), change);

    expect(store.hasMissing).toBe(isMissing);
  });

  it('removes people who were away for half an hour, and none who is there', () => {
    const store = newStore();
    const [present, away] = [store.add(0), store.add(0)];
    meet(present);
    meet(away);
    away.holder = undefined;

    store.prune(30 * 60_000);
    expect(store.recognisable).toEqual([present, away]);
    store.prune(30 * 60_000 + 1);
    expect(store.recognisable).toEqual([present]);
  });

  it('keeps 32 people: those who were away longest are removed first', () => {
    const store = newStore();
    for (let minute = 0; minute < 40; minute += 1) {
      const person = store.add(1000 * minute);
      meet(person);
      person.holder = undefined;
    }

    store.prune(40_000);

    expect(store.recognisable.map(({ id }) => id)).toEqual(Array.from({ length: 32 }, (_, index) => index + 9));
  });

  it('gives distances to all recognisable people', () => {
    const store = newStore();
    meet(store.add(0), sampleOf(1, 0));
    meet(store.add(0), sampleOf(0, 1));

    expect(store.distances([sampleOf(1, 0)])).toEqual({ 1: 0, 2: 1 });
  });

  it('makes one person of two, with the looks of both', () => {
    const store = newStore();
    const [kept, gone, third] = [store.add(0), store.add(0), store.add(0)];
    meet(kept);
    meet(gone, sampleOf(0.9, 0.1));
    third.seenWith.add(gone.id);

    store.merge(kept, gone);

    expect(store.recognisable).toEqual([kept]);
    expect([kept.gallery.size, kept.mergedIds, [...third.seenWith]]).toEqual([2, [gone.id], [kept.id]]);
  });

  it.each([
    { name: 'who comes back', person: true, isOverlapped: false, waitMs: 1000 },
    { name: 'who is new', person: false, isOverlapped: false, waitMs: 2000 },
    { name: 'who is new and covered', person: false, isOverlapped: true, waitMs: 3000 },
  ])('lets somebody wait for an identity: $name', ({ person, isOverlapped, waitMs }) => {
    const store = newStore();
    const identity = Object.assign(new TrackIdentity(track), { isOverlapped });
    if (person) identity.person = store.add(0);

    expect(store.maxWaitMs(identity)).toBe(waitMs);
  });
});
