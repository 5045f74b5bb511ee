import { center, iou, type Box, type Point } from '../../../shared/domain/box.js';

/** Fewer people with the same displacement say nothing about the camera. */
const MIN_SUPPORTERS = 2;
/** Share of the people that must have the same displacement. */
const MIN_SUPPORT_SHARE = 0.6;
/** A person supports a shift where the shifted box has at least this IoU with a detection. */
const SUPPORT_IOU = 0.4;
/** How much better a shift must fit than no shift, in IoU per person. */
const MIN_GAIN = 0.25;
/** Largest ratio of heights of one person before and after. */
const MAX_SIZE_RATIO = 1.3;

interface Fit {
  readonly shift: Point;
  /** Sum of the IoU over all people. */
  readonly score: number;
  readonly supporters: number;
}

/**
 * How far the whole picture moved against what was expected: the displacement that most people share, where
 * it fits the detections much better than no displacement. Every pair of a person and a detection proposes
 * its own vector.
 *
 * @param expected - predicted boxes of people detected a moment ago, pixels
 * @param detected - boxes of strong detections, pixels
 * @returns pixels to add to every expected position; `undefined` where nothing points to the camera
 */
export function estimateCameraMotion(expected: readonly Box[], detected: readonly Box[]): Point | undefined {
  if (expected.length < MIN_SUPPORTERS || detected.length < MIN_SUPPORTERS) return undefined;
  const still = fitShift({ x: 0, y: 0 }, expected, detected);
  const enough = Math.max(MIN_SUPPORTERS, Math.ceil(MIN_SUPPORT_SHARE * expected.length));
  // Where no shift can gain enough, nothing needs to be tried.
  if (still.score > expected.length * (1 - MIN_GAIN)) return undefined;
  let best = still;
  for (const person of expected) {
    for (const box of detected) {
      if (!isSameSize(person, box)) continue;
      const from = center(person);
      const to = center(box);
      const fit = fitShift({ x: to.x - from.x, y: to.y - from.y }, expected, detected);
      if (fit.supporters >= enough && fit.score > best.score) best = fit;
    }
  }
  return best.score - still.score >= MIN_GAIN * expected.length ? best.shift : undefined;
}

/** Pairs shifted people and detections greedily; the result's shift is corrected by the mean of what remains. */
function fitShift(shift: Point, expected: readonly Box[], detected: readonly Box[]): Fit {
  const taken = new Set<number>();
  let score = 0;
  let supporters = 0;
  let restX = 0;
  let restY = 0;
  for (const person of expected) {
    const moved = { ...person, x: person.x + shift.x, y: person.y + shift.y };
    let bestIndex = -1;
    let bestIou = 0;
    for (const [index, box] of detected.entries()) {
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
    if (bestIou < SUPPORT_IOU) continue;
    const from = center(moved);
    const to = center(detected[bestIndex]!);
    restX += to.x - from.x;
    restY += to.y - from.y;
    supporters += 1;
  }
  const count = Math.max(1, supporters);
  return { shift: { x: shift.x + restX / count, y: shift.y + restY / count }, score, supporters };
}

function isSameSize(a: Box, b: Box): boolean {
  const ratio = a.height / b.height;
  return ratio < MAX_SIZE_RATIO && ratio > 1 / MAX_SIZE_RATIO;
}
