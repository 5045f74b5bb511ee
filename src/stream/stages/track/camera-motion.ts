import { center, iou, type Box, type Point } from '../../../shared/domain/box.js';

/** Fewer people than this displaced alike say nothing about the camera. */
const MIN_WITNESSES = 2;
/** Share of the people that must be displaced alike. */
const MIN_WITNESS_SHARE = 0.6;
/** A person counts as explained where the shifted box overlaps a detection this much. */
const WITNESS_IOU = 0.4;
/** How much better, in IoU a person, the shift must explain the picture than standing still. */
const MIN_GAIN = 0.25;
/** Largest ratio of heights of one person before and after. */
const MAX_SIZE_RATIO = 1.3;

interface Explanation {
  readonly shift: Point;
  /** Sum of the IoU over everybody. */
  readonly score: number;
  readonly witnesses: number;
}

/**
 * How far the whole picture moved against what was expected, when the people in it say so: everybody
 * displaced by the same vector, which explains the detections much better than standing still does.
 * Every pair of a person and a detection proposes its own vector.
 *
 * @param expected where people should be, at least the ones seen a moment ago
 * @param found boxes of sure detections
 * @returns pixels to add to every expected position; `undefined` where nothing points to the camera
 */
export function estimateCameraMotion(expected: readonly Box[], found: readonly Box[]): Point | undefined {
  if (expected.length < MIN_WITNESSES || found.length < MIN_WITNESSES) return undefined;
  const still = explain({ x: 0, y: 0 }, expected, found);
  const enough = Math.max(MIN_WITNESSES, Math.ceil(MIN_WITNESS_SHARE * expected.length));
  // Where standing still leaves no room for the gain, nothing needs to be tried.
  if (still.score > expected.length * (1 - MIN_GAIN)) return undefined;
  let best = still;
  for (const person of expected) {
    for (const box of found) {
      if (!isSameSize(person, box)) continue;
      const from = center(person);
      const to = center(box);
      const explanation = explain({ x: to.x - from.x, y: to.y - from.y }, expected, found);
      if (explanation.witnesses >= enough && explanation.score > best.score) best = explanation;
    }
  }
  return best.score - still.score >= MIN_GAIN * expected.length ? best.shift : undefined;
}

/** Pairs shifted people and detections greedily; the shift comes back corrected by what is left over. */
function explain(shift: Point, expected: readonly Box[], found: readonly Box[]): Explanation {
  const taken = new Set<number>();
  let score = 0;
  let witnesses = 0;
  let restX = 0;
  let restY = 0;
  for (const person of expected) {
    const moved = { ...person, x: person.x + shift.x, y: person.y + shift.y };
    let bestIndex = -1;
    let bestIou = 0;
    for (const [index, box] of found.entries()) {
      if (taken.has(index)) continue;
      const overlap = iou(moved, box);
      if (overlap > bestIou) {
        bestIou = overlap;
        bestIndex = index;
      }
    }
    if (bestIndex < 0) continue;
    taken.add(bestIndex);
    score += bestIou;
    if (bestIou < WITNESS_IOU) continue;
    const from = center(moved);
    const to = center(found[bestIndex]!);
    restX += to.x - from.x;
    restY += to.y - from.y;
    witnesses += 1;
  }
  const count = Math.max(1, witnesses);
  return { shift: { x: shift.x + restX / count, y: shift.y + restY / count }, score, witnesses };
}

function isSameSize(a: Box, b: Box): boolean {
  const ratio = a.height / b.height;
  return ratio < MAX_SIZE_RATIO && ratio > 1 / MAX_SIZE_RATIO;
}
