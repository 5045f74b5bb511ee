import { describe, expect, it } from 'vitest';
import type { Track } from '#src/shared/domain/track.js';
import { PeopleShots } from '#src/stream/stages/compose/people-shots.js';

const trackAt = (id: number, x: number, seenPtsMs = 0, state: Track['state'] = 'tracked'): Track => ({
  id,
  state,
  box: { x, y: 300, width: 80, height: 100 },
  score: 0.9,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs,
});

/** Shots of these people at 0 s. */
function shotsOf(...tracks: readonly Track[]): PeopleShots {
  const shots = new PeopleShots({});
  shots.move(0, new Set(tracks.map(({ id }) => id)), tracks);
  return shots;
}

describe('PeopleShots', () => {
  it('begins a shot for each person who is shown, and forgets those of others', () => {
    const tracks = [trackAt(1, 100), trackAt(2, 900)];
    const shots = new PeopleShots({});

    shots.move(0, new Set([1, 3]), tracks);
    expect([1, 2, 3].map((id) => shots.of(id) !== undefined)).toEqual([true, false, false]);

    shots.move(0.04, new Set([2]), tracks);
    expect([1, 2].map((id) => shots.of(id) !== undefined)).toEqual([false, true]);
  });

  it('forgets all shots on reset', () => {
    const shots = shotsOf(trackAt(1, 100));

    shots.reset();

    expect(shots.of(1)).toBeUndefined();
  });

  it('takes the same array of tracks for nothing new', () => {
    const tracks = [trackAt(1, 100)];
    const shots = shotsOf(...tracks);
    shots.move(0.04, new Set([1]), tracks);

    expect([shots.isNew(tracks), shots.isNew([...tracks])]).toEqual([false, true]);
  });

  it.each([
    { name: 'in the position of a lost person', tracks: [trackAt(1, 100, 0, 'lost'), trackAt(7, 110)], expected: 1 },
    { name: 'elsewhere', tracks: [trackAt(1, 100, 0, 'lost'), trackAt(7, 700)], expected: undefined },
    { name: 'beside a person in sight', tracks: [trackAt(1, 100), trackAt(7, 110)], expected: undefined },
    { name: 'not tracked at all', tracks: [], expected: undefined },
  ])('finds whose shot a new person takes over: $name', ({ tracks, expected }) => {
    const shots = shotsOf(trackAt(1, 100));

    expect(shots.predecessorOf(7, [1], [7], tracks)).toBe(expected);
  });

  it('keeps the shot of a person who is still wanted', () => {
    const shots = shotsOf(trackAt(1, 100));

    expect(shots.predecessorOf(7, [1], [1, 7], [trackAt(7, 110)])).toBeUndefined();
  });

  it('goes on with a shot under a new id', () => {
    const shots = shotsOf(trackAt(1, 100));
    const shot = shots.of(1);

    shots.rename(1, 7);

    expect([shots.of(1), shots.of(7)]).toEqual([undefined, shot]);
  });

  it.each([
    { name: 'exchanged', tracks: [trackAt(1, 900), trackAt(2, 100)], expected: [[1, 2]] },
    { name: 'as before', tracks: [trackAt(1, 100), trackAt(2, 900)], expected: [] },
    { name: 'one of them moved', tracks: [trackAt(1, 900), trackAt(2, 900)], expected: [] },
  ])('exchanges the shots of people whom the tracker had swapped: $name', ({ tracks, expected }) => {
    const shots = shotsOf(trackAt(1, 100), trackAt(2, 900));
    const [first, second] = [shots.of(1), shots.of(2)];

    expect(shots.followExchanges(tracks)).toEqual(expected);
    expect(shots.of(1)).toBe(expected.length > 0 ? second : first);
  });
});
