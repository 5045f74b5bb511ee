import { describe, expect, it } from 'vitest';
import { decideJointly, type Suspect } from '#src/stream/stages/reid/joint-decision.js';

const OTHER = 0.05;

/** People who are all this like each other. */
const people = (count: number, likeness: number, ...settled: number[]): Suspect[] =>
  Array.from({ length: count }, (_, index) => ({
    typicalSame: 0.85,
    likenessTo: () => likeness,
    isSettled: settled.includes(index),
  }));

const decide = (similarities: number[][], suspects: Suspect[], looks = 1): string[] =>
  decideJointly(
    similarities.map((list) => ({ similarities: list, looks })),
    suspects,
    OTHER,
  ).map((verdict) => ('suspect' in verdict ? `${verdict.kind} ${verdict.suspect}` : verdict.kind));

describe('decideJointly', () => {
  it.each([
    {
      name: 'everybody as before',
      similarities: [
        [0.85, 0.1],
        [0, 0.8],
      ],
      verdicts: ['person 0', 'person 1'],
    },
    {
      name: 'exchanged',
      similarities: [
        [0.05, 0.8],
        [0.85, 0.1],
      ],
      verdicts: ['person 1', 'person 0'],
    },
    {
      name: 'one clear look decides for both',
      similarities: [
        [0.1, 0.85],
        [0.6, 0.5],
      ],
      verdicts: ['person 1', 'person 0'],
    },
    {
      name: 'both covered',
      similarities: [
        [0.6, 0.55],
        [0.5, 0.6],
      ],
      verdicts: ['wait', 'wait'],
    },
    { name: 'only one in sight', similarities: [[0.1, 0.85]], verdicts: ['person 1'] },
    { name: 'only one in sight, half covered', similarities: [[0.5, 0.6]], verdicts: ['wait'] },
    { name: 'too faint to be anyone', similarities: [[0.42, 0.1]], verdicts: ['wait'] },
  ])('takes the best joint answer, with a margin: $name', ({ similarities, verdicts }) => {
    expect(decide(similarities, people(2, 0.1))).toEqual(verdicts);
  });

  it('tells people apart who look alike, by less', () => {
    expect(
      decide(
        [
          [0.85, 0.55],
          [0.55, 0.85],
        ],
        people(2, 0.6),
      ),
    ).toEqual(['person 0', 'person 1']);
  });

  it('asks for less of a margin after several looks', () => {
    const alike = people(2, 0.6);

    expect(decide([[0.7, 0.55]], alike, 1)).toEqual(['wait']);
    expect(decide([[0.7, 0.55]], alike, 4)).toEqual(['person 0']);
  });

  it.each([
    { name: 'a first look', looks: 1, verdict: 'wait' },
    { name: 'a second one that agrees', looks: 2, verdict: 'stranger' },
  ])('does not call anybody a stranger lightly: $name', ({ looks, verdict }) => {
    expect(decide([[0.1, -0.1]], people(2, 0.1), looks)).toEqual([verdict]);
  });

  it.each([
    { name: 'somebody missing', similarities: [[0.1, 0.85]], settled: 0, verdicts: ['person 1'] },
    { name: 'somebody who is surely elsewhere', similarities: [[0.85, 0.1]], settled: 0, verdicts: ['contested 0'] },
    { name: 'either', similarities: [[0.6, 0.7]], settled: 0, verdicts: ['wait'] },
  ])('does not give away an identity that is settled: $name', ({ similarities, settled, verdicts }) => {
    expect(decide(similarities, people(2, 0.1, settled))).toEqual(verdicts);
  });

  it('never gives one identity to two', () => {
    const verdicts = decide(
      [
        [0.85, 0.1, 0],
        [0.8, 0.1, 0],
      ],
      people(3, 0.1),
    );

    expect(verdicts.filter((verdict) => verdict === 'person 0').length).toBeLessThanOrEqual(1);
  });

  it('knows nobody where nobody is known', () => {
    expect(decide([[]], [], 2)).toEqual(['stranger']);
  });
});
