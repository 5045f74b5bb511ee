import { AssignmentSolver } from '../../domain/assignment-solver.js';

/** Samples of one unresolved track. */
export interface Query {
  /** Mean similarity to each candidate, at most 1. */
  readonly similarities: readonly number[];
  /** Number of samples in the mean, > 0. */
  readonly sampleCount: number;
  /** How many of them show a face that nothing seems to cover. @defaultValue all */
  readonly clearCount?: number;
}

/** One known person that a query may be. */
export interface Candidate {
  /** Similarity that a good sample of this person reaches, at most 1. */
  readonly typicalSame: number;
  /** Similarity of this person to another candidate, by the index in the list, at most 1. */
  readonly similarityTo: (other: number) => number;
  /** Another track has this identity and is sure of it: it may be contested, not given away. */
  readonly isTaken: boolean;
}

/** The answer to one query. */
export type Decision =
  /** The query is this candidate: the index in the list. */
  | { readonly kind: 'person'; readonly candidate: number }
  /** `stranger`: no candidate · `wait`: more samples are needed. */
  | { readonly kind: 'stranger' | 'wait' }
  /** The query is similar to a taken candidate: the track that has it needs samples too. */
  | { readonly kind: 'contested'; readonly candidate: number };

/** Level, between a stranger's similarity (0) and the person's own (1), from which a query may be the person … */
const ACCEPT_LEVEL = 0.5;
/** … and below which two samples say that it is not. */
const REJECT_LEVEL = 0.35;
/** Samples of an uncovered face that must agree before a query counts as a stranger: half a face looks like a stranger. */
const STRANGER_SAMPLES = 2;
/** The best answer must beat each other one by this share of the dissimilarity of the two people … */
const CONTRAST_SHARE = 0.45;
/** … and by this much, two standard deviations of one sample; less for several samples. */
const SAMPLE_NOISE = 0.2;

/**
 * Decides about all queries at once. The similarities are assigned jointly, so that two tracks never get
 * one person, and a clear sample of one track helps to decide about the other; an answer counts only with
 * a margin over every answer in which the track is another candidate.
 *
 * Source: joint correction after people part, FC-Track (2603.12758).
 *
 * @param typicalOther - similarity of two different people with this model
 * @returns one decision for each query, in their order
 */
export function decideJointly(
  queries: readonly Query[],
  candidates: readonly Candidate[],
  typicalOther: number,
): readonly Decision[] {
  const free = [...candidates.keys()].filter((index) => !candidates[index]!.isTaken);
  const gains = queries.map((query) => free.map((index) => query.similarities[index]! - typicalOther));
  const best = assign(gains);
  /** The most that each row could gain if there were no competition, and their sum. */
  const ceilings = gains.map((list) => Math.max(0, ...list));
  const ceiling = ceilings.reduce((sum, gain) => sum + gain, 0);

  return queries.map((query, row): Decision => {
    const levelOf = (index: number): number =>
      (query.similarities[index]! - typicalOther) / Math.max(0.05, candidates[index]!.typicalSame - typicalOther);
    if (candidates.every((_, index) => levelOf(index) < rejectLevel(query.sampleCount))) {
      return { kind: (query.clearCount ?? query.sampleCount) >= STRANGER_SAMPLES ? 'stranger' : 'wait' };
    }
    const column = best.columns[row]!;
    const chosen = column < 0 ? -1 : free[column]!;
    const own = chosen < 0 ? typicalOther : query.similarities[chosen]!;
    const noise = SAMPLE_NOISE / Math.sqrt(query.sampleCount);
    for (const [index, candidate] of candidates.entries()) {
      if (!candidate.isTaken || levelOf(index) < ACCEPT_LEVEL) continue;
      const lead = own - query.similarities[index]!;
      if (lead < -noise / 2) return { kind: 'contested', candidate: index };
      if (lead < neededMargin(candidates, chosen, index, noise)) return { kind: 'wait' };
    }
    if (chosen < 0 || levelOf(chosen) < ACCEPT_LEVEL) return { kind: 'wait' };

    for (const [other, index] of free.entries()) {
      if (other === column) continue;
      const needed = neededMargin(candidates, chosen, index, noise);
      const gain = gains[row]![other]!;
      // Where the most that the other rows can gain leaves the margin, they need not be assigned again.
      if (best.total - gain - (ceiling - ceilings[row]!) >= needed) continue;
      if (best.total - gain - assign(without(gains, row, other)).total < needed) return { kind: 'wait' };
    }
    return { kind: 'person', candidate: chosen };
  });
}

/** The more samples there are, the less chance there is in their mean. */
const rejectLevel = (sampleCount: number): number =>
  ACCEPT_LEVEL - (ACCEPT_LEVEL - REJECT_LEVEL) * Math.sqrt(STRANGER_SAMPLES / Math.max(STRANGER_SAMPLES, sampleCount));

/** By how much one candidate must be more similar than another one. */
function neededMargin(candidates: readonly Candidate[], chosen: number, other: number, noise: number): number {
  const candidate = candidates[chosen];
  if (!candidate) return noise;
  return Math.max(noise, CONTRAST_SHARE * (candidate.typicalSame - candidate.similarityTo(other)));
}

const without = (gains: readonly (readonly number[])[], row: number, column: number): number[][] =>
  gains.filter((_, index) => index !== row).map((list) => list.filter((_, index) => index !== column));

/** The assignment with the largest sum of gains; a row may stay without a column. */
function assign(gains: readonly (readonly number[])[]): { readonly total: number; readonly columns: Int32Array } {
  const columns = gains[0]?.length ?? 0;
  const assigned = new Int32Array(gains.length).fill(-1);
  const costs = Float64Array.from(gains.flat(), (gain) => -gain);
  new AssignmentSolver().solve(costs, gains.length, columns, 0, assigned);
  let total = 0;
  for (const [row, column] of assigned.entries()) if (column >= 0) total += gains[row]![column]!;
  return { total, columns: assigned };
}
