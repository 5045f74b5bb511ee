import type { Box } from '../../../shared/domain/box.js';
import { coverageOf } from './ambiguity.js';
import type { TrackIdentity } from './track-identity.js';

/** A person out of sight whose box is covered by more than this share of the smaller box counts as occluded … */
const OCCLUSION_COVERAGE = 0.15;
/** … for at most this long. */
const MAX_OCCLUSION_MS = 8_000;

/** Notes who may be occluded by whom, in `occluded` of the occluder. */
export function markOcclusions(all: Iterable<TrackIdentity>): void {
  for (const hidden of all) {
    if (hidden.isVisible || !hidden.person) continue;
    for (const identity of all) {
      if (identity.isVisible && coverageOf(identity.detectionBox, hidden.track.box) > OCCLUSION_COVERAGE) {
        identity.occluded.add(hidden.person);
      }
    }
  }
}

/**
 * Forgets occlusions of people who are in sight with a confirmed identity, and those that lasted too long.
 *
 * @param ptsMs - PTS of the latest set, milliseconds
 */
export function clearOcclusions(all: Iterable<TrackIdentity>, ptsMs: number): void {
  for (const identity of all) {
    if (!identity.isVisible) continue;
    for (const person of identity.occluded) {
      const { holder } = person;
      const isSeen = holder?.isVisible === true && !holder.isUnresolved && !identity.isUnresolved;
      if (person === identity.person || isSeen || ptsMs - person.seenPtsMs > MAX_OCCLUSION_MS) {
        identity.occluded.delete(person);
      }
    }
  }
}

/** The tracks that may have occluded this one; they may be out of sight themselves by now. */
export function occludersOf({ person }: TrackIdentity, all: Iterable<TrackIdentity>): readonly TrackIdentity[] {
  return person ? [...all].filter(({ occluded }) => occluded.has(person)) : [];
}

/** A lost track whose identity went to another track: no person is there any more. */
export const isAbandoned = ({ isVisible, person }: TrackIdentity): boolean => !isVisible && !person;

/** Where a track is now, pixels: its detection, or its prediction while it is out of sight. */
export const currentBox = ({ isVisible, detectionBox, track }: TrackIdentity): Box =>
  isVisible ? detectionBox : track.box;
