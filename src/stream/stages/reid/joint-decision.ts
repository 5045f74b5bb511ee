import { AssignmentSolver } from '../../domain/assignment-solver.js';

/** What was seen of one track that has to be told who it is. */
export interface Witness {
  /** Mean similarity to each known person. */
  readonly similarities: readonly number[];
  /** How many looks the mean is over, > 0. */
  readonly looks: number;
}

/** One known person. */
export interface Suspect {
  /** What a good look at this person reaches. */
  readonly typicalSame: number;
  /** How like this person another one is, by the index in the list. */
  readonly likenessTo: (other: number) => number;
  /** Somebody else surely has this identity: it may not be given away, only contested. */
  readonly isSettled: boolean;
}

export type Verdict =
  /** The index in the list of suspects. */
  | { readonly kind: 'person'; readonly suspect: number }
  /** Nobody known, or nothing that can be said yet. */
  | { readonly kind: 'stranger' | 'wait' }
  /** Looks like somebody who is surely elsewhere: that one needs a second look. */
  | { readonly kind: 'contested'; readonly suspect: number };

/** Where, between a stranger's similarity (0) and the person's own (1), a look is taken as the person … */
const ACCEPT_LEVEL = 0.5;
/** … and below which it is nobody known. */
const REJECT_LEVEL = 0.35;
/** Looks that agree before somebody counts as a stranger. */
const STRANGER_LOOKS = 2;
/** The answer must beat any other by this share of how far apart the two people are … */
const CONTRAST_SHARE = 0.45;
/** … and by this much, which is two standard deviations of one look, less for several. */
const LOOK_NOISE = 0.2;

/**
 * Tells all doubtful tracks at once who they are. The similarities are assigned jointly, so that two
 * tracks never get one person and a bad look at one track is made good by a clear one at the other;
 * an answer counts only with a margin over every answer in which the track is another known person.
 *
 * @param typicalOther similarity of two different people, as the model has it
 */
export function decideJointly(
  witnesses: readonly Witness[],
  suspects: readonly Suspect[],
  typicalOther: number,
): readonly Verdict[] {
  const free = [...suspects.keys()].filter((index) => !suspects[index]!.isSettled);
  const levelOf = (witness: Witness, index: number): number =>
    (witness.similarities[index]! - typicalOther) / Math.max(0.05, suspects[index]!.typicalSame - typicalOther);
  const gains = witnesses.map((witness) => free.map((index) => witness.similarities[index]! - typicalOther));
  const best = assign(gains);

  /** The most that all rows together could gain, were there no competition. */
  const ceilings = gains.map((list) => Math.max(0, ...list));
  const ceiling = ceilings.reduce((sum, gain) => sum + gain, 0);

  return witnesses.map((witness, row): Verdict => {
    if (suspects.every((_, index) => levelOf(witness, index) < REJECT_LEVEL)) {
      return { kind: witness.looks >= STRANGER_LOOKS ? 'stranger' : 'wait' };
    }
    const column = best.columns[row]!;
    const chosen = column < 0 ? -1 : free[column]!;
    const own = chosen < 0 ? typicalOther : witness.similarities[chosen]!;
    const noise = LOOK_NOISE / Math.sqrt(witness.looks);
    for (const [index, suspect] of suspects.entries()) {
      if (!suspect.isSettled || levelOf(witness, index) < ACCEPT_LEVEL) continue;
      const lead = own - witness.similarities[index]!;
      if (lead < -noise / 2) return { kind: 'contested', suspect: index };
      if (lead < neededMargin(suspects, chosen, index, noise)) return { kind: 'wait' };
    }
    if (chosen < 0 || levelOf(witness, chosen) < ACCEPT_LEVEL) return { kind: 'wait' };

    for (const [other, index] of free.entries()) {
      if (other === column) continue;
      const needed = neededMargin(suspects, chosen, index, noise);
      const gain = gains[row]![other]!;
      // What the others gain at most already leaves the margin: no need to assign them again.
      if (best.total - gain - (ceiling - ceilings[row]!) >= needed) continue;
      if (best.total - gain - assign(without(gains, row, other)).total < needed) return { kind: 'wait' };
    }
    return { kind: 'person', suspect: chosen };
  });
}

/** By how much one person must be likelier than another one. */
function neededMargin(suspects: readonly Suspect[], chosen: number, other: number, noise: number): number {
  const suspect = suspects[chosen];
  if (!suspect) return noise;
  return Math.max(noise, CONTRAST_SHARE * (suspect.typicalSame - suspect.likenessTo(other)));
}

const without = (gains: readonly (readonly number[])[], row: number, column: number): number[][] =>
  gains.filter((_, index) => index !== row).map((list) => list.filter((_, index) => index !== column));

/** The assignment with the largest sum of gains; nobody has to be anyone. */
function assign(gains: readonly (readonly number[])[]): { readonly total: number; readonly columns: Int32Array } {
  const columns = gains[0]?.length ?? 0;
  const assigned = new Int32Array(gains.length).fill(-1);
  const costs = Float64Array.from(gains.flat(), (gain) => -gain);
  new AssignmentSolver().solve(costs, gains.length, columns, 0, assigned);
  let total = 0;
  for (const [row, column] of assigned.entries()) if (column >= 0) total += gains[row]![column]!;
  return { total, columns: assigned };
}
