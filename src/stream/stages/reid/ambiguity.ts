import { center, intersectionArea, area, type Box, type Point } from '../../../shared/domain/box.js';
import type { TrackPrediction } from '../../../shared/domain/track.js';

/** What is known of the position of a track. */
export interface TrackPosition {
  /** Where the motion model expects it. */
  readonly prediction: TrackPrediction;
  /** Box of the detection it was matched with, pixels; absent for a track that was not seen. */
  readonly detectionBox?: Box;
}

/** Prior probability that a detection is of a track that is out of sight, against one that was just seen. */
const REAPPEARANCE = 0.3;

/**
 * Probability in [0, 1], by position alone, that the tracks `own` and `other` were matched the wrong way
 * round: the two detections exchanged, or the one detection being that of `other`. Gaussian around the
 * predictions, with the standard deviations of the Kalman filters.
 */
export function ambiguityOf(own: TrackPosition, other: TrackPosition): number {
  if (!own.detectionBox) return 0;
  const at = center(own.detectionBox);
  const ownFit = logDensity(at, own.prediction);
  const otherFit = logDensity(at, other.prediction);
  if (!other.detectionBox) return REAPPEARANCE * logistic(otherFit - ownFit);
  const otherAt = center(other.detectionBox);
  const asMatched = ownFit + logDensity(otherAt, other.prediction);
  const exchanged = otherFit + logDensity(otherAt, own.prediction);
  return logistic(exchanged - asMatched);
}

/** Share of the smaller box that the other one covers, in [0, 1]. */
export function coverageOf(a: Box, b: Box): number {
  const shared = intersectionArea(a, b);
  return shared > 0 ? shared / Math.min(area(a), area(b)) : 0;
}

/** A detection this many standard deviations farther from the other prediction than from its own is not ambiguous. */
const REACH_STDS = 6;

/** Whether `other` is too far away to be ambiguous, which is the usual case and quick to find out. */
export function isOutOfReach(detection: Point, own: TrackPrediction, other: TrackPrediction): boolean {
  const offset = distanceTo(detection, own) / own.stdPx;
  return distanceTo(detection, other) / other.stdPx > offset + REACH_STDS;
}

function distanceTo({ x, y }: Point, { box }: TrackPrediction): number {
  const dx = x - box.x - box.width / 2;
  const dy = y - box.y - box.height / 2;
  return Math.sqrt(dx * dx + dy * dy);
}

function logDensity(point: Point, { box, stdPx }: TrackPrediction): number {
  const expected = center(box);
  const squared = (point.x - expected.x) ** 2 + (point.y - expected.y) ** 2;
  return -squared / (2 * stdPx * stdPx) - 2 * Math.log(stdPx);
}

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
