import { describe, expect, it } from 'vitest';
import {
  identityChanges,
  idf1,
  lastingSwaps,
  scoreFrame,
  type IdentityChange,
  type Labelled,
  type ScoredFrame,
} from '#src/bench/mot-score.js';

const at = (id: number, x: number): Labelled => ({ id, box: { x, y: 0, width: 100, height: 100 } });
const truth = (id: number, x: number, isIgnored = false) => ({ ...at(id, x), isIgnored });

/** People 1 and 2 stand at 0 and 500; each string gives the ids found there, `-` for nobody. */
const filmOf = (...frames: string[]): ScoredFrame[] =>
  frames.map((ids, index) => {
    const found = Array.from(ids).flatMap((id, place) => (id === '-' ? [] : [at(Number(id), 500 * place)]));
    return scoreFrame(index + 1, [truth(1, 0), truth(2, 500)], found);
  });

describe('scoreFrame', () => {
  it('takes out what is to be ignored and the results that lie on it', () => {
    const scored = scoreFrame(1, [truth(1, 0), truth(2, 500, true)], [at(7, 10), at(8, 510), at(9, 900)]);

    expect(scored.truth.map(({ id }) => id)).toEqual([1]);
    expect(scored.result.map(({ id }) => id)).toEqual([7, 9]);
  });
});

describe('identityChanges', () => {
  it.each<{ name: string; film: string[]; changes: string[] }>([
    { name: 'nothing happens', film: ['78', '78', '7-', '78'], changes: [] },
    { name: 'an exchange', film: ['78', '87'], changes: ['2: 1 swap', '2: 2 swap'] },
    { name: 'a fresh id', film: ['78', '79'], changes: ['2: 2 new'] },
    {
      name: 'one takes the id of the other, and gives it back',
      film: ['78', '8-', '78'],
      changes: ['2: 1 swap', '3: 1 back'],
    },
    { name: 'a newcomer inherits an id', film: ['7-', '-7'], changes: ['2: 2 swap'] },
  ])('tells kinds of changes apart: $name', ({ film, changes }) => {
    const found = identityChanges(filmOf(...film));

    expect(found.map(({ frame, person, kind }) => `${frame}: ${person} ${kind}`)).toEqual(changes);
  });

  it('keeps a pair as long as it overlaps enough, though another one overlaps more', () => {
    const frames = [scoreFrame(1, [truth(1, 0)], [at(7, 0)]), scoreFrame(2, [truth(1, 0)], [at(7, 30), at(8, 0)])];

    expect(identityChanges(frames)).toEqual([]);
  });
});

describe('lastingSwaps', () => {
  const swap: IdentityChange = { frame: 10, person: 1, kind: 'swap' };

  it.each([
    { name: 'put right in time', back: { frame: 25, person: 1, kind: 'back' } as const, lasting: 0 },
    { name: 'put right too late', back: { frame: 26, person: 1, kind: 'back' } as const, lasting: 1 },
    { name: 'somebody else came back', back: { frame: 12, person: 2, kind: 'back' } as const, lasting: 1 },
  ])('counts swaps that stay: $name', ({ back, lasting }) => {
    expect(lastingSwaps([swap, back], 15)).toHaveLength(lasting);
  });
});

describe('idf1', () => {
  it.each([
    { name: 'all right', film: ['78', '78', '78', '78'], score: 1 },
    { name: 'exchanged half-way', film: ['78', '78', '87', '87'], score: 0.5 },
    { name: 'one person never found', film: ['7-', '7-'], score: 2 / 3 },
    { name: 'nothing found', film: ['--', '--'], score: 0 },
  ])('is the share of rows that one id a person explains: $name', ({ film, score }) => {
    expect(idf1(filmOf(...film))).toBeCloseTo(score, 9);
  });

  it('is whole where there is nothing', () => {
    expect(idf1([])).toBe(1);
  });
});
