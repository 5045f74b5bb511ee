import { center, type Box, type Point, type Size } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { TrackPrediction } from '../../../shared/domain/track.js';
import { ambiguityOf, coverageOf, isOutOfReach } from './ambiguity.js';
import { cropQuality, isWhole } from './crop-quality.js';
import { currentBox, isAbandoned } from './occlusion.js';
import type { TrackIdentity } from './track-identity.js';

/** Boxes of which more than this share of the smaller one is covered overlap. */
const OVERLAP_COVERAGE = 0.1;
/** A higher score counts as a reliable detection. */
const RELIABLE_SCORE = 0.6;
/** Time constants of `reliability` and `usualOffset`. */
const RELIABILITY_S = 2;
const USUAL_OFFSET_S = 1;
/** Time constant of the camera's drift. */
const DRIFT_S = 0.1;

type TrackIdentities = Iterable<TrackIdentity>;

/**
 * Notes of every track in sight its detection, how good the crop is, and whether another person overlaps it.
 *
 * @param picture - size of the source picture where it is known, pixels
 */
export function updateSurroundings({ detections }: DetectionSet, all: TrackIdentities, picture?: Size): void {
  const visible = [...all].filter(({ isVisible }) => isVisible);
  for (const identity of visible) identity.detectionBox = detections[identity.track.detectionIndex!]!.box;
  const boxes = visible.map(({ detectionBox }) => detectionBox);
  for (const identity of visible) {
    const detection = detections[identity.track.detectionIndex!]!;
    identity.cropQuality = cropQuality(detection, boxes, identity.person?.usual, picture);
    const wasOverlapped = identity.isOverlapped;
    identity.isOverlapped = false;
    for (const other of all) {
      if (other === identity || isAbandoned(other)) continue;
      if (coverageOf(identity.detectionBox, currentBox(other)) > OVERLAP_COVERAGE) identity.isOverlapped = true;
    }
    identity.hasSeparated = wasOverlapped && !identity.isOverlapped;
    identity.isClear = !identity.isOverlapped && isWhole(detection, identity.person?.usual);
  }
}

/**
 * Seconds without a detection before the latest set; 0 where the track was seen in the set before.
 *
 * @param ptsMs - PTS of the latest set, milliseconds
 * @param elapsedS - seconds between the latest two sets
 */
export function gapS({ seenPtsMs }: TrackIdentity, ptsMs: number, elapsedS: number): number {
  if (!Number.isFinite(seenPtsMs)) return 0;
  const gap = (ptsMs - seenPtsMs) / 1000 - elapsedS;
  return gap < elapsedS / 2 ? 0 : gap;
}

/** Probability of the likeliest exchange with another track, by position alone, in [0, 1]. */
export function maxAmbiguity(identity: TrackIdentity, all: TrackIdentities): number {
  const { prediction } = identity.track;
  if (!prediction) return 0;
  const at = center(identity.detectionBox);
  let max = 0;
  for (const other of all) {
    if (other === identity || isAbandoned(other) || !other.track.prediction) continue;
    if (isOutOfReach(at, prediction, other.track.prediction)) continue;
    const rival = {
      prediction: other.track.prediction,
      ...(other.isVisible ? { detectionBox: other.detectionBox } : {}),
    };
    max = Math.max(max, ambiguityOf({ prediction, detectionBox: identity.detectionBox }, rival));
  }
  return max;
}

/**
 * Distance of the detection from the prediction, as a multiple of what is usual for this track; takes the
 * distance into what is usual.
 *
 * @param elapsedS - seconds between the latest two sets
 */
export function updateJump(identity: TrackIdentity, elapsedS: number): number {
  const { prediction } = identity.track;
  if (!prediction) return 0;
  const offset = offsetStds(identity.detectionBox, prediction);
  const jump = offset / identity.usualOffset;
  const meanSquare = identity.usualOffset ** 2;
  const gain = 1 - Math.exp(-elapsedS / USUAL_OFFSET_S);
  identity.usualOffset = Math.sqrt(Math.max(1, meanSquare + gain * (offset ** 2 - meanSquare)));
  return jump;
}

/**
 * Updates how reliably a track is found: gaps and low scores count against it.
 *
 * @param gap - of {@link gapS}, seconds
 * @param elapsedS - seconds between the latest two sets
 */
export function updateReliability(identity: TrackIdentity, gap: number, elapsedS: number): void {
  const isReliable = identity.track.score > RELIABLE_SCORE ? 1 : 0;
  const afterGap = identity.reliability * Math.exp(-gap / RELIABILITY_S);
  identity.reliability = afterGap + (1 - Math.exp(-elapsedS / RELIABILITY_S)) * (isReliable - afterGap);
}

/**
 * How far the camera moved lately, pixels; older movement fades.
 *
 * @param drift - the result for the set before
 * @param elapsedS - seconds between the latest two sets
 */
export function cameraDrift(drift: Point, all: TrackIdentities, elapsedS: number): Point {
  const fade = Math.exp(-elapsedS / DRIFT_S);
  let shift: Point = { x: 0, y: 0 };
  for (const { track } of all) shift = track.prediction?.cameraShift ?? shift;
  return { x: fade * drift.x + shift.x, y: fade * drift.y + shift.y };
}

/**
 * Whether the camera moved so far that the track is now nearer to the former position of another one than
 * to its own: then only the movement tells the two apart.
 *
 * @param drift - of {@link cameraDrift}, pixels
 */
export function isConfusable(identity: TrackIdentity, all: TrackIdentities, drift: Point): boolean {
  const distance = Math.hypot(drift.x, drift.y);
  if (distance === 0) return false;
  const at = center(identity.detectionBox);
  return [...all].some((other) => {
    if (other === identity || !other.track.prediction) return false;
    const expected = center(other.track.prediction.box);
    return Math.hypot(at.x - expected.x + drift.x, at.y - expected.y + drift.y) < distance;
  });
}

/** Distance of two centres in standard deviations of the prediction. */
function offsetStds(detection: Box, { box, stdPx }: TrackPrediction): number {
  const from = center(box);
  const to = center(detection);
  return Math.hypot(to.x - from.x, to.y - from.y) / stdPx;
}
