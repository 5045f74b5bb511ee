import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import type { SlotAssignment } from '#src/shared/domain/track.js';
import { PeopleNames, type PeopleNamesOptions } from '#src/stream/stages/assign/people-names.js';
import { makeTrack } from './slotted.js';

interface Moment {
  readonly slots: SlotAssignment;
  /** Who is in the picture; without it those in `slots`. */
  readonly there?: readonly number[];
}

class World {
  readonly options: { names: readonly string[] } & Omit<PeopleNamesOptions, 'names'>;
  readonly names: PeopleNames;
  #tS = 0;

  constructor(names: readonly string[], options: Omit<PeopleNamesOptions, 'names'> = {}) {
    this.options = { names, ...options };
    this.names = new PeopleNames(this.options);
  }

  /** Lets seconds pass in which nothing changes; who has which name then. */
  pass(durationS: number, { slots, there = slots.flatMap((id) => id ?? []) }: Moment): Record<number, string> {
    const tracks = there.map((id) => makeTrack({ id, x: 0.1 * id }, this.#tS));
    let names: ReadonlyMap<number, string> = new Map();
    for (const endS = this.#tS + durationS; this.#tS < endS; this.#tS += 0.1)
      names = this.names.update({ ptsMs: this.#tS * 1000, tracks, slots });
    return Object.fromEntries(names);
  }
}

describe('names in the order in which people come', () => {
  it.each<[string, readonly string[], readonly Moment[], Record<number, string>]>([
    [
      'of people who are there together, from left to right',
      ['Anna', 'Ben'],
      [{ slots: [7, 3] }],
      { 7: 'Anna', 3: 'Ben' },
    ],
    ['of people one after the other', ['Anna', 'Ben'], [{ slots: [7] }, { slots: [3, 7] }], { 7: 'Anna', 3: 'Ben' }],
    ['no more than there are', ['Anna'], [{ slots: [1, 2] }], { 1: 'Anna' }],
    ['an empty one is given and not shown', ['', 'Ben'], [{ slots: [1, 2] }], { 2: 'Ben' }],
    ['nobody without a tile', ['Anna', 'Ben'], [{ slots: [2, undefined], there: [1, 2] }], { 2: 'Anna' }],
    ['two of the same name', ['Anna', 'Anna'], [{ slots: [1, 2] }], { 1: 'Anna', 2: 'Anna' }],
    [
      'as they are after the tiles have changed',
      ['Anna', 'Ben'],
      [{ slots: [1, 2] }, { slots: [2, 1] }],
      { 1: 'Anna', 2: 'Ben' },
    ],
  ])('%s', (_name, names, moments, expected) => {
    const world = new World(names);

    const seen = moments.map((moment) => world.pass(2, moment));

    expect(seen.at(-1)).toEqual(expected);
  });

  it('waits a second, so that a false track takes none and left is left', () => {
    const world = new World(['Anna', 'Ben']);

    expect(world.pass(0.5, { slots: [9] })).toEqual({});
    expect(world.pass(0.8, { slots: [1, 2] })).toEqual({});
    expect(world.pass(0.6, { slots: [1, 2] })).toEqual({ 1: 'Anna', 2: 'Ben' });
  });
});

describe('people who are away', () => {
  it.each([
    ['keep their name where they would be known again', true, { 1: 'Anna', 2: 'Ben', 3: 'Cleo' }],
    ['give it to the next where they would not', false, { 1: 'Anna', 3: 'Ben' }],
  ])('%s', (_name, isKnown, expected) => {
    const world = new World(['Anna', 'Ben', 'Cleo'], { isRecognisable: () => isKnown });
    world.pass(2, { slots: [1, 2] });
    world.pass(20, { slots: [1] });

    expect(world.pass(2, { slots: [1, 3] })).toEqual(expected);
  });

  it('have their name again when they come back', () => {
    const world = new World(['Anna', 'Ben'], { isRecognisable: () => true });
    world.pass(2, { slots: [1, 2] });
    world.pass(60, { slots: [] });

    expect(world.pass(0.2, { slots: [2, 1] })).toEqual({ 1: 'Anna', 2: 'Ben' });
  });
});

describe('a name that somebody gives', () => {
  it.each<[string, readonly (readonly [number, string])[], Record<number, string>]>([
    ['a new one', [[1, 'Cleo']], { 1: 'Cleo', 2: 'Ben' }],
    ['that of another: they exchange', [[1, 'Ben']], { 1: 'Ben', 2: 'Anna' }],
    ['the one that the person has', [[1, 'Anna']], { 1: 'Anna', 2: 'Ben' }],
    [
      'to and fro',
      [
        [1, 'Ben'],
        [1, 'Anna'],
      ],
      { 1: 'Anna', 2: 'Ben' },
    ],
    ['none', [[1, ' ']], { 2: 'Ben' }],
    ['with spaces around it', [[1, ' Cleo ']], { 1: 'Cleo', 2: 'Ben' }],
  ])('%s', (_name, given, expected) => {
    const world = new World(['Anna', 'Ben']);
    world.pass(2, { slots: [1, 2] });

    for (const [trackId, name] of given) world.names.give(trackId, name);

    expect(world.pass(3, { slots: [1, 2] })).toEqual(expected);
  });

  it('is taken from who had it wrongly, who gets no other one', () => {
    const world = new World(['Anna', 'Ben', 'Cleo']);
    world.pass(2, { slots: [1, 2] });

    world.pass(0.2, { slots: [3, 2], there: [1, 2, 3] });
    world.names.give(3, 'Anna');

    expect(world.pass(3, { slots: [3, 1], there: [1, 2, 3] })).toEqual({ 2: 'Ben', 3: 'Anna' });
  });

  it('is refused for nobody', () => {
    const world = new World([]);
    world.pass(1, { slots: [1] });

    expect(() => world.names.give(5, 'Eve')).toThrow(DiptychError);
  });
});

describe('another list of names', () => {
  it.each<[string, readonly string[], Record<number, string>]>([
    ['one is corrected', ['Anna', 'Benno'], { 1: 'Anna', 2: 'Benno' }],
    ['they are written in another order', ['Ben', 'Anna'], { 1: 'Anna', 2: 'Ben' }],
    ['one is put before them', ['Zoe', 'Anna', 'Ben'], { 1: 'Anna', 2: 'Ben' }],
    ['one is left out: the rest are given', ['Ben'], { 2: 'Ben' }],
    ['all are left out', [], {}],
    ['all are others', ['Cleo', 'Dan'], { 1: 'Cleo', 2: 'Dan' }],
  ])('%s', (_name, names, expected) => {
    const world = new World(['Anna', 'Ben']);
    world.pass(2, { slots: [1, 2] });

    world.options.names = names;

    expect(world.pass(3, { slots: [1, 2] })).toEqual(expected);
  });

  it('leaves names that people were given beside it', () => {
    const world = new World(['Anna']);
    world.pass(2, { slots: [1, 2] });
    world.names.give(2, 'Guest');

    world.options.names = ['Anne'];

    expect(world.pass(2, { slots: [1, 2] })).toEqual({ 1: 'Anne', 2: 'Guest' });
  });

  it('is given to people who are there already', () => {
    const world = new World([]);
    world.pass(5, { slots: [2, 1] });

    world.options.names = ['Anna', 'Ben'];

    expect(world.pass(0.2, { slots: [2, 1] })).toEqual({ 2: 'Anna', 1: 'Ben' });
  });
});

it('knows the names of the run before, those that were taken away included', () => {
  const remembered = new Map([
    [4, 'Ben'],
    [6, ''],
  ]);
  const world = new World(['Anna', 'Ben'], { remembered, isRecognisable: (id) => remembered.has(id) });

  expect(world.pass(3, { slots: [6, 4] })).toEqual({ 4: 'Ben' });
  expect(world.pass(3, { slots: [4, 7] })).toEqual({ 4: 'Ben', 7: 'Anna' });
  expect([...world.names.given.keys()].sort()).toEqual([4, 6, 7]);
});

describe('names of somebody who was followed as two people', () => {
  it.each([
    { name: 'the name of the one that is left', named: 1, expected: { 1: 'Anna' } },
    { name: 'the name of the other one, where there is no such', named: 5, expected: { 1: 'Anna' } },
  ])('$name', ({ named, expected }) => {
    const names = new PeopleNames({ names: [], isRecognisable: () => true });
    const frame = (ptsMs: number, ids: readonly number[], mergedIds: readonly number[]) => ({
      ptsMs,
      slots: [],
      tracks: ids.map((id) => makeTrack({ id, x: 300, ...(id === 1 && { mergedIds }) }, ptsMs / 1000)),
    });
    names.update(frame(0, [1, 5], []));
    names.give(named, 'Anna');

    expect(Object.fromEntries(names.update(frame(40, [1], [5])))).toEqual(expected);
    expect([...names.given.keys()]).not.toContain(5);
  });
});
