import type { TrackIdentity } from './track-identity.js';

/** Pictures that are less similar than this are of two shots, wherever people are … */
const CUT_SIMILARITY = 0.5;
/** … and less similar than this where everybody in sight is somewhere else as well. */
const DOUBTFUL_SIMILARITY = 0.75;
/** Offsets from what was expected, as multiples of the usual, from which on somebody is somewhere else … */
const DISPLACED = 4;
/** … and from which on that is enough without a picture, where it holds for everybody in sight. */
const SURELY_DISPLACED = 5;
/** Without a picture one person alone says nothing: he may have jumped. */
const MIN_PEOPLE = 2;

/**
 * Whether a hard cut lies before the latest set: another picture, or everybody somewhere else at once and not by the
 * same way, as when the camera turns.
 *
 * @param visible - everybody in sight
 * @param similarity - of the picture to the one of the set before, at most 1; `undefined` where it is not known
 */
export function isCut(visible: readonly TrackIdentity[], similarity: number | undefined): boolean {
  if (similarity !== undefined && similarity < CUT_SIMILARITY) return true;
  if (similarity !== undefined && similarity < DOUBTFUL_SIMILARITY) {
    return visible.length > 0 && areDisplaced(visible, DISPLACED);
  }
  return visible.length >= MIN_PEOPLE && areDisplaced(visible, SURELY_DISPLACED);
}

/**
 * Whether everybody is somewhere else, as they are and less the way of the others: neither a jump of one nor a turn of
 * the camera is that.
 */
function areDisplaced(visible: readonly TrackIdentity[], limit: number): boolean {
  const isFarOff = ({ displacement }: TrackIdentity): boolean => displacement.surprise({ x: 0, y: 0 }) >= limit;
  return (
    visible.every(isFarOff) && visible.every((one) => one.displacement.surprise(wayOfOthers(one, visible)) >= limit)
  );
}

/** In heights of this track's box. */
function wayOfOthers(identity: TrackIdentity, visible: readonly TrackIdentity[]): { x: number; y: number } {
  const way = { x: 0, y: 0 };
  for (const { displacement, detectionBox } of visible) {
    const { offset } = displacement;
    if (displacement === identity.displacement || !offset) continue;
    const scale = detectionBox.height / identity.detectionBox.height / (visible.length - 1);
    way.x += offset.x * scale;
    way.y += offset.y * scale;
  }
  return way;
}
