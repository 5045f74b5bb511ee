import { AssignmentSolver } from '../stream/domain/assignment-solver.js';
import { iou, type Box } from '../shared/domain/box.js';

/** One box of one frame with whose it is. */
export interface Labelled {
  /** Of the person in the truth, of the track in the result. */
  readonly id: number;
  /** In pixels. */
  readonly box: Box;
}

/** A row of ground truth; `isIgnored` is neither to be found nor wrong to find. */
export interface TruthRow extends Labelled {
  /** Whether it counts for nothing. */
  readonly isIgnored: boolean;
}

/** Truth and result of one frame, what is to be ignored taken out. */
export interface ScoredFrame {
  /** 1-based. */
  readonly frame: number;
  /** Who is there. */
  readonly truth: readonly Labelled[];
  /** Who was found. */
  readonly result: readonly Labelled[];
}

/** A person's id in the result changed. */
export interface IdentityChange {
  /** The first frame with the new id, 1-based. */
  readonly frame: number;
  /** Id of the person in the truth. */
  readonly person: number;
  /** `swap`: the id last was another person's · `new`: nobody's · `back`: the person's own. */
  readonly kind: 'swap' | 'new' | 'back';
}

/** Overlap from which a result counts for a person. */
const MATCH_IOU = 0.5;
const EPSILON = Number.EPSILON;
/** Keeping last frame's pair comes before any overlap. */
const KEEP_BONUS = 1000;

const solver = new AssignmentSolver();

/** Pairs rows with columns for the largest sum of positive scores. */
function pairBest(rows: number, columns: number, score: (row: number, column: number) => number): [number, number][] {
  if (rows === 0 || columns === 0) return [];
  const costs = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) costs[row * columns + column] = -score(row, column);
  }
  const assigned = new Int32Array(rows);
  solver.solve(costs, rows, columns, 0, assigned);
  return [...assigned.entries()].filter(([, column]) => column >= 0);
}

const overlapOrNothing = (a: Box, b: Box): number => {
  const overlap = iou(a, b);
  return overlap < MATCH_IOU - EPSILON ? 0 : overlap;
};

/** Takes out what is ignored, and the results that lie on it, as the MOT17 protocol does. */
export function scoreFrame(frame: number, truth: readonly TruthRow[], result: readonly Labelled[]): ScoredFrame {
  const pairs = pairBest(truth.length, result.length, (row, column) =>
    overlapOrNothing(truth[row]!.box, result[column]!.box),
  );
  const dropped = new Set(pairs.filter(([row]) => truth[row]!.isIgnored).map(([, column]) => column));
  return {
    frame,
    truth: truth.filter(({ isIgnored }) => !isIgnored),
    result: result.filter((_, index) => !dropped.has(index)),
  };
}

/** Changes of identity under CLEAR matching: a pair stays as long as it overlaps enough. */
export function identityChanges(frames: readonly ScoredFrame[]): readonly IdentityChange[] {
  const owner = new Map<number, number>();
  const latest = new Map<number, number>();
  const changes: IdentityChange[] = [];
  let previous = new Map<number, number>();
  for (const { frame, truth, result } of frames) {
    const current = new Map<number, number>();
    const pairs = pairBest(truth.length, result.length, (row, column) => {
      const overlap = overlapOrNothing(truth[row]!.box, result[column]!.box);
      const isKept = previous.get(truth[row]!.id) === result[column]!.id;
      return overlap === 0 ? 0 : overlap + (isKept ? KEEP_BONUS : 0);
    });
    for (const [row, column] of pairs) current.set(truth[row]!.id, result[column]!.id);
    for (const [person, id] of [...current].sort(([a], [b]) => a - b)) {
      const before = owner.get(id);
      const had = latest.get(person);
      if (had === undefined ? before !== undefined && before !== person : had !== id) {
        changes.push({ frame, person, kind: before === undefined ? 'new' : before === person ? 'back' : 'swap' });
      }
      latest.set(person, id);
      owner.set(id, person);
    }
    previous = current;
  }
  return changes;
}

/** Swaps that were not put right (the person back on an id of their own) within so many frames. */
export function lastingSwaps(changes: readonly IdentityChange[], graceFrames: number): readonly IdentityChange[] {
  return changes.filter(
    ({ frame, person, kind }) =>
      kind === 'swap' &&
      !changes.some(
        (other) =>
          other.kind === 'back' && other.person === person && other.frame > frame && other.frame - frame <= graceFrames,
      ),
  );
}

/** IDF1: one result id for each person over the whole sequence, the best way (Ristani et al. 2016). */
export function idf1(frames: readonly ScoredFrame[]): number {
  const people = new Map<number, number>();
  const ids = new Map<number, number>();
  const together = new Map<string, number>();
  let rows = 0;
  for (const { truth, result } of frames) {
    rows += truth.length + result.length;
    for (const { id } of truth) if (!people.has(id)) people.set(id, people.size);
    for (const { id } of result) if (!ids.has(id)) ids.set(id, ids.size);
    for (const person of truth) {
      for (const found of result) {
        if (iou(person.box, found.box) < MATCH_IOU - EPSILON) continue;
        const key = `${people.get(person.id)!},${ids.get(found.id)!}`;
        together.set(key, (together.get(key) ?? 0) + 1);
      }
    }
  }
  const count = (row: number, column: number): number => together.get(`${row},${column}`) ?? 0;
  const pairs = pairBest(people.size, ids.size, count);
  const hits = pairs.reduce((sum, [row, column]) => sum + count(row, column), 0);
  return rows > 0 ? (2 * hits) / rows : 1;
}
