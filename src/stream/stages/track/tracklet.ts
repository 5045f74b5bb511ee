import { center, type Box } from '../../../shared/domain/box.js';
import { BoxKalmanFilter } from '../../domain/box-kalman-filter.js';
import type { Detection } from '../../../shared/domain/detection.js';
import type { Track, TrackId, TrackPrediction, TrackState } from '../../../shared/domain/track.js';

/** What the tracker keeps of one track. Changed in place: there is one for each track and its whole life. */
export interface Tracklet {
  /** Counted from 1, never used twice. */
  readonly id: TrackId;
  /** Position, size and their velocities. */
  readonly filter: BoxKalmanFilter;
  /** PTS of the first detection, milliseconds. */
  readonly bornPtsMs: number;
  /** `removed` does not occur: a removed track has no tracklet. */
  state: TrackState;
  /** Matched twice at least, or begun with the very first set. */
  confirmed: boolean;
  /** PTS of the latest detection, milliseconds. */
  seenPtsMs: number;
  /** The latest detection. */
  detection: Detection;
  /** Its index in the set of `seenPtsMs`. */
  detectionIndex: number;
  /** Where it was expected in the latest set; `undefined` for a track that began with it. */
  prediction: TrackPrediction | undefined;
}

/**
 * A track that begins with this detection.
 *
 * @param index - of the detection in its set
 * @param ptsMs - of the set, milliseconds
 * @param isFirstSet - tracks of the very first set are confirmed at once
 */
export function beginTracklet(
  id: TrackId,
  detection: Detection,
  index: number,
  ptsMs: number,
  isFirstSet: boolean,
): Tracklet {
  return {
    id,
    filter: new BoxKalmanFilter(detection.box),
    bornPtsMs: ptsMs,
    state: isFirstSet ? 'tracked' : 'new',
    confirmed: isFirstSet,
    seenPtsMs: ptsMs,
    detection,
    detectionIndex: index,
    prediction: undefined,
  };
}

/** Takes in the detection that a track was matched with: it is confirmed and in sight. */
export function matchTracklet(track: Tracklet, detection: Detection, index: number, ptsMs: number): void {
  track.filter.update(detection.box);
  track.state = 'tracked';
  track.confirmed = true;
  track.seenPtsMs = ptsMs;
  track.detection = detection;
  track.detectionIndex = index;
}

/**
 * The track as others see it.
 *
 * @param steps - steps of the Kalman filter after the latest set, ≥ 0
 * @param lastPtsMs - PTS of the latest set, milliseconds
 */
export function toTrack(track: Tracklet, steps: number, lastPtsMs: number): Track {
  const { detection } = track;
  const isMatched = track.seenPtsMs === lastPtsMs;
  const box = track.filter.box(steps);
  return {
    id: track.id,
    state: track.state,
    box,
    score: detection.score,
    kind: detection.kind,
    bornPtsMs: track.bornPtsMs,
    seenPtsMs: track.seenPtsMs,
    ...(isMatched && {
      detectionIndex: track.detectionIndex,
      detectedBox: steps > 0 ? moved(detection.box, track.filter.box(), box) : detection.box,
    }),
    ...(track.prediction ? { prediction: track.prediction } : {}),
    ...(detection.landmarks ? { landmarks: detection.landmarks } : {}),
  };
}

/** The box, moved as the centre of another one moves. */
function moved(box: Box, before: Box, after: Box): Box {
  const from = center(before);
  const to = center(after);
  return { ...box, x: box.x + to.x - from.x, y: box.y + to.y - from.y };
}
