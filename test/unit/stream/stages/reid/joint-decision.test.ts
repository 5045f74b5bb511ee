import { describe, expect, it } from 'vitest';
import { decideJointly, type Candidate } from '#src/stream/stages/reid/joint-decision.js';

const OTHER = 0.05;

/** People who are all this similar to each other. */
const people = (count: number, similarity: number, ...taken: number[]): Candidate[] =>
  Array.from({ length: count }, (_, index) => ({
    typicalSame: 0.85,
    similarityTo: () => similarity,
    isTaken: taken.includes(index),
  }));

const decide = (similarities: number[][], candidates: Candidate[], sampleCount = 1): string[] =>
  decideJointly(
    similarities.map((list) => ({ similarities: list, sampleCount })),
    candidates,
    OTHER,
  ).map((decision) => ('candidate' in decision ? `${decision.kind} ${decision.candidate}` : decision.kind));

describe('decideJointly', () => {
  it.each([
    {
      name: 'each as before',
      similarities: [
        [0.85, 0.1],
        [0, 0.8],
      ],
      decisions: ['person 0', 'person 1'],
    },
    {
      name: 'exchanged',
      similarities: [
        [0.05, 0.8],
        [0.85, 0.1],
      ],
      decisions: ['person 1', 'person 0'],
    },
    {
      name: 'one clear sample decides about both',
      similarities: [
        [0.1, 0.85],
        [0.6, 0.5],
      ],
      decisions: ['person 1', 'person 0'],
    },
    {
      name: 'both covered',
      similarities: [
        [0.6, 0.55],
        [0.5, 0.6],
      ],
      decisions: ['wait', 'wait'],
    },
    { name: 'only one in sight', similarities: [[0.1, 0.85]], decisions: ['person 1'] },
    { name: 'only one in sight, half covered', similarities: [[0.5, 0.6]], decisions: ['wait'] },
    { name: 'too dissimilar to be accepted', similarities: [[0.42, 0.1]], decisions: ['wait'] },
  ])('takes the best joint assignment, with a margin: $name', ({ similarities, decisions }) => {
    expect(decide(similarities, people(2, 0.1))).toEqual(decisions);
  });

  it('needs less of a margin between similar people', () => {
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

  it('needs less of a margin after several samples', () => {
    const alike = people(2, 0.6);

    expect(decide([[0.7, 0.55]], alike, 1)).toEqual(['wait']);
    expect(decide([[0.7, 0.55]], alike, 4)).toEqual(['person 0']);
  });

  it.each([
    { name: 'one sample', sampleCount: 1, decision: 'wait' },
    { name: 'a second one that agrees', sampleCount: 2, decision: 'stranger' },
  ])('needs two samples for a stranger: $name', ({ sampleCount, decision }) => {
    expect(decide([[0.1, -0.1]], people(2, 0.1), sampleCount)).toEqual([decision]);
  });

  it.each([
    { name: 'a missing person', similarities: [[0.1, 0.85]], taken: 0, decisions: ['person 1'] },
    { name: 'a person whom another track has', similarities: [[0.85, 0.1]], taken: 0, decisions: ['contested 0'] },
    { name: 'either', similarities: [[0.6, 0.7]], taken: 0, decisions: ['wait'] },
  ])('does not give away an identity that is taken: $name', ({ similarities, taken, decisions }) => {
    expect(decide(similarities, people(2, 0.1, taken))).toEqual(decisions);
  });

  it('never gives one identity to two tracks', () => {
    const decisions = decide(
      [
        [0.85, 0.1, 0],
        [0.8, 0.1, 0],
      ],
      people(3, 0.1),
    );

    expect(decisions.filter((decision) => decision === 'person 0').length).toBeLessThanOrEqual(1);
  });

  it('finds a stranger where nobody is known', () => {
    expect(decide([[]], [], 2)).toEqual(['stranger']);
  });

  it.each([
    { name: 'two samples', sampleCount: 2, decision: 'wait' },
    { name: 'sixteen samples', sampleCount: 16, decision: 'stranger' },
  ])('takes chance into account, less of it the more samples there are: $name', ({ sampleCount, decision }) => {
    // A level of 0.4: more than strangers have by chance.
    expect(decide([[0.37, 0.05]], people(2, 0.1), sampleCount)).toEqual([decision]);
  });

  it('calls nobody a stranger by half a face', () => {
    const query = { similarities: [0.1, 0.05], sampleCount: 5, clearCount: 1 };

    expect(decideJointly([query], people(2, 0.1), OTHER)).toEqual([{ kind: 'wait' }]);
  });
});
