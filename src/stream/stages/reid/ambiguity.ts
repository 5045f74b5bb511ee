import { center, intersectionArea, area, type Box, type Point } from '../../../shared/domain/box.js';
import type { TrackPrediction } from '../../../shared/domain/track.js';

/** A track as far as rivals need to know it. */
export interface Contender {
  readonly prediction: TrackPrediction;
  /** The detection it was matched with; absent for a track that was not seen. */
  readonly found?: Box;
}

/** How likely a track not seen now and before is the one that was found, against one just seen. */
const REAPPEARANCE = 0.3;

/**
 * Probability, by position alone, that `own` and `rival` are to be told apart the other way round:
 * the two detections exchanged, or the one detection being the rival's. Gaussian around the
 * predictions, with the filters' own spread.
 */
export function rivalryOf(own: Contender, rival: Contender): number {
  if (!own.found) return 0;
  const found = center(own.found);
  const ownFit = logDensity(found, own.prediction);
  const rivalFit = logDensity(found, rival.prediction);
  if (!rival.found) return REAPPEARANCE * logistic(rivalFit - ownFit);
  const other = center(rival.found);
  const kept = ownFit + logDensity(other, rival.prediction);
  const exchanged = rivalFit + logDensity(other, own.prediction);
  return logistic(exchanged - kept);
}

/** Share of the smaller box that the other one covers, in [0, 1]. */
export function contactOf(a: Box, b: Box): number {
  const shared = intersectionArea(a, b);
  return shared > 0 ? shared / Math.min(area(a), area(b)) : 0;
}

/** So many standard deviations farther from the rival's place than from the own one is beyond question. */
const BEYOND_STDS = 6;

/** The rival's place is too far off to matter, which is the rule. */
export function isOutOfReach(found: Point, own: TrackPrediction, rival: TrackPrediction): boolean {
  const offset = distanceTo(found, own) / own.stdPx;
  return distanceTo(found, rival) / rival.stdPx > offset + BEYOND_STDS;
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
