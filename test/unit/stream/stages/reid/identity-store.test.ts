import { describe, expect, it } from 'vitest';
import type { Track } from '#src/shared/domain/track.js';
import { appearanceOf } from '#src/stream/stages/reid/appearance.js';
import { Follower, type Look, type Person } from '#src/stream/stages/reid/track-identity.js';
import { meanSimilarity, remember, Roster } from '#src/stream/stages/reid/identity-store.js';

const track: Track = {
  id: 1,
  state: 'tracked',
  box: { x: 0, y: 0, width: 80, height: 100 },
  score: 0.9,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs: 0,
};
const look = (x: number, y: number, quality = 1): Look => ({ embedding: Float32Array.of(x, y), quality, ptsMs: 0 });
const newRoster = (): Roster => new Roster(appearanceOf('cosine'));
const meet = (person: Person, one = look(1, 0)): Follower => {
  const follower = new Follower(track);
  follower.person = person;
  person.follower = follower;
  remember(person, one, follower);
  return follower;
};

describe('Roster', () => {
  it('counts people from 1', () => {
    const roster = newRoster();

    expect([roster.add(0).id, roster.add(0).id]).toEqual([1, 2]);
  });

  it('is familiar with those it has a view of', () => {
    const roster = newRoster();
    const known = roster.add(0);
    roster.add(0);
    meet(known);

    expect(roster.familiar).toEqual([known]);
    expect(known.usual).toEqual({ score: 0.9, aspect: 0.8 });
  });

  it.each([
    { name: 'in sight', change: {}, isMissing: false },
    { name: 'out of sight', change: { isVisible: false }, isMissing: true },
    { name: 'in sight, but not surely', change: { isOpen: true }, isMissing: true },
  ])('knows whether somebody is missing: $name', ({ change, isMissing }) => {
    const roster = newRoster();
    Object.assign(meet(roster.add(0)), change);

    expect(roster.isSomebodyMissing).toBe(isMissing);
  });

  it('forgets who was away for half an hour, but nobody who is there', () => {
    const roster = newRoster();
    const [present, away] = [roster.add(0), roster.add(0)];
    meet(present);
    meet(away);
    away.follower = undefined;

    roster.forget(30 * 60_000);
    expect(roster.familiar).toEqual([present, away]);
    roster.forget(30 * 60_000 + 1);
    expect(roster.familiar).toEqual([present]);
  });

  it('keeps no crowd in mind: those who were away longest go first', () => {
    const roster = newRoster();
    for (let minute = 0; minute < 40; minute += 1) {
      const person = roster.add(1000 * minute);
      meet(person);
      person.follower = undefined;
    }

    roster.forget(40_000);

    expect(roster.familiar.map(({ id }) => id)).toEqual(Array.from({ length: 32 }, (_, index) => index + 9));
  });

  it('tells distances to everybody it is familiar with', () => {
    const roster = newRoster();
    meet(roster.add(0), look(1, 0));
    meet(roster.add(0), look(0, 1));

    expect(roster.distances([look(1, 0)])).toEqual({ 1: 0, 2: 1 });
  });
});

describe('meanSimilarity', () => {
  it('weighs looks by the quality of their crops', () => {
    const person = newRoster().add(0);
    meet(person, look(1, 0));

    expect(meanSimilarity(person.gallery, [look(1, 0, 0.9), look(0, 1, 0.3)])).toBeCloseTo(0.75, 9);
  });
});
