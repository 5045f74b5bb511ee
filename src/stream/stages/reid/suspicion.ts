import { center, type Box, type Point, type Size } from '../../../shared/domain/box.js';
import type { DetectionSet } from '../../../shared/domain/detection.js';
import type { TrackPrediction } from '../../../shared/domain/track.js';
import { cropQuality } from './crop-quality.js';
import type { Follower } from './track-identity.js';
import { contactOf, isOutOfReach, rivalryOf } from './ambiguity.js';

/** Boxes that share more than this of the smaller one are near each other. */
const NEAR_CONTACT = 0.1;
/** Somebody out of sight in such a contact is taken to be hidden there … */
const HIDING_CONTACT = 0.15;
/** … for so long. */
const SHADOW_MS = 8_000;
/** A score over it speaks for a detector that is sure. */
const STEADY_SCORE = 0.6;
/** Time constants of what is remembered of a track: how surely it was found, how it moved. */
const STEADINESS_S = 2;
const RESTLESSNESS_S = 1;
/** Time constant of the camera's drift. */
const DRIFT_S = 0.1;

type Followers = Iterable<Follower>;

/** Looks at the detections of everybody in sight: how good the crop is and who is near. */
export function noteSurroundings({ detections }: DetectionSet, all: Followers, picture?: Size): void {
  const visible = [...all].filter(({ isVisible }) => isVisible);
  for (const follower of visible) follower.found = detections[follower.track.detectionIndex!]!.box;
  const boxes = visible.map(({ found }) => found);
  for (const follower of visible) {
    const detection = detections[follower.track.detectionIndex!]!;
    follower.quality = cropQuality(detection, boxes, follower.person?.usual, picture);
    const wasTouched = follower.isTouched;
    follower.isTouched = false;
    for (const other of all) {
      if (other === follower || isGhost(other)) continue;
      if (contactOf(follower.found, placeOf(other)) > NEAR_CONTACT) follower.isTouched = true;
    }
    follower.hasParted = wasTouched && !follower.isTouched;
  }
}

/** Notes who may be hidden by whom. */
export function castShadows(all: Followers): void {
  for (const hidden of all) {
    if (hidden.isVisible || !hidden.person) continue;
    for (const follower of all) {
      if (follower.isVisible && contactOf(follower.found, hidden.track.box) > HIDING_CONTACT) {
        follower.shadows.add(hidden.person);
      }
    }
  }
}

/** Forgets shadows of those who are surely out in the light. */
export function liftShadows(all: Followers, ptsMs: number): void {
  for (const follower of all) {
    if (!follower.isVisible) continue;
    for (const person of follower.shadows) {
      const isOut = person.follower?.isVisible === true && !person.follower.isOpen && !follower.isOpen;
      if (person === follower.person || isOut || ptsMs - person.seenPtsMs > SHADOW_MS) {
        follower.shadows.delete(person);
      }
    }
  }
}

/** Those who may have hidden this one; they may be out of sight themselves by now. */
export function hidersOf({ person }: Follower, all: Followers): readonly Follower[] {
  return person ? [...all].filter(({ shadows }) => shadows.has(person)) : [];
}

/** Seconds without a sight before the latest set; 0 where it was seen in the set before. */
export function gapS({ seenPtsMs }: Follower, ptsMs: number, elapsedS: number): number {
  if (!Number.isFinite(seenPtsMs)) return 0;
  const gap = (ptsMs - seenPtsMs) / 1000 - elapsedS;
  return gap < elapsedS / 2 ? 0 : gap;
}

/** The likeliest exchange with anybody, by position alone. */
export function strongestRivalry(follower: Follower, all: Followers): number {
  const { prediction } = follower.track;
  if (!prediction) return 0;
  const at = center(follower.found);
  let strongest = 0;
  for (const other of all) {
    if (other === follower || isGhost(other) || !other.track.prediction) continue;
    if (isOutOfReach(at, prediction, other.track.prediction)) continue;
    const rival = { prediction: other.track.prediction, ...(other.isVisible ? { found: other.found } : {}) };
    strongest = Math.max(strongest, rivalryOf({ prediction, found: follower.found }, rival));
  }
  return strongest;
}

/** Distance from the prediction, by what is usual for this track; remembers it. */
export function noteJump(follower: Follower, elapsedS: number): number {
  const { prediction } = follower.track;
  if (!prediction) return 0;
  const offset = offsetStds(follower.found, prediction);
  const jump = offset / follower.restlessness;
  const meanSquare = follower.restlessness ** 2;
  const gain = 1 - Math.exp(-elapsedS / RESTLESSNESS_S);
  follower.restlessness = Math.sqrt(Math.max(1, meanSquare + gain * (offset ** 2 - meanSquare)));
  return jump;
}

/** Remembers how surely a track was found: gaps and weak scores count against it. */
export function noteSteadiness(follower: Follower, gap: number, elapsedS: number): void {
  const isSure = follower.track.score > STEADY_SCORE ? 1 : 0;
  const afterGap = follower.steadiness * Math.exp(-gap / STEADINESS_S);
  follower.steadiness = afterGap + (1 - Math.exp(-elapsedS / STEADINESS_S)) * (isSure - afterGap);
}

/** How far the camera moved lately, pixels; older movement fades. */
export function cameraDrift(drift: Point, all: Followers, elapsedS: number): Point {
  const fade = Math.exp(-elapsedS / DRIFT_S);
  let shift: Point = { x: 0, y: 0 };
  for (const { track } of all) shift = track.prediction?.cameraShift ?? shift;
  return { x: fade * drift.x + shift.x, y: fade * drift.y + shift.y };
}

/**
 * The camera moved so far that a track is now nearer to where another one was than to where it was
 * itself: what says that it is not the other one is the movement alone.
 */
export function isMistakable(follower: Follower, all: Followers, drift: Point): boolean {
  const way = Math.hypot(drift.x, drift.y);
  if (way === 0) return false;
  const at = center(follower.found);
  return [...all].some((other) => {
    if (other === follower || !other.track.prediction) return false;
    const place = center(other.track.prediction.box);
    return Math.hypot(at.x - place.x + drift.x, at.y - place.y + drift.y) < way;
  });
}

/** A lost track whose identity went elsewhere: nobody is there. */
const isGhost = ({ isVisible, person }: Follower): boolean => !isVisible && !person;

const placeOf = ({ isVisible, found, track }: Follower): Box => (isVisible ? found : track.box);

function offsetStds(found: Box, { box, stdPx }: TrackPrediction): number {
  const from = center(box);
  const to = center(found);
  return Math.hypot(to.x - from.x, to.y - from.y) / stdPx;
}
