import { center, intersectionArea, area, type Box, type Point } from '#domain/box.js';
import type { TrackPrediction } from '#domain/track.js';

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
  const smaller = Math.min(area(a), area(b));
  return smaller > 0 ? intersectionArea(a, b) / smaller : 0;
}

function logDensity(point: Point, { box, stdPx }: TrackPrediction): number {
  const expected = center(box);
  const squared = (point.x - expected.x) ** 2 + (point.y - expected.y) ** 2;
  return -squared / (2 * stdPx * stdPx) - 2 * Math.log(stdPx);
}

const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
