import { center, type Box } from '../../../shared/domain/box.js';
import { BoxKalmanFilter } from '../../domain/box-kalman-filter.js';
import type { Detection } from '../../../shared/domain/detection.js';
import type { Track, TrackId, TrackPrediction, TrackState } from '../../../shared/domain/track.js';
import { SteadyBox } from './steady-box.js';

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
  /** Where the person was by that detection, as exactly as detections of them are. */
  shownBox: Box;
  /** What makes `shownBox` of detections. */
  readonly steadyBox: SteadyBox;
  /** The filter's box once it had taken in that detection; what the person moves since is counted from it. */
  boxAtMatch: Box;
  /** Height of the person's face over that of the body, from detections with a face; `undefined` before one. */
  faceShare: number | undefined;
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
  const filter = new BoxKalmanFilter(detection.box);
  const steadyBox = new SteadyBox();
  return {
    id,
    filter,
    steadyBox,
    shownBox: steadyBox.update(detection.box, undefined, false),
    boxAtMatch: filter.box(),
    faceShare: faceShareOf(detection),
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
  track.shownBox = track.steadyBox.update(detection.box, track.prediction?.box, track.state !== 'lost');
  track.filter.update(detection.box);
  track.boxAtMatch = track.filter.box();
  track.state = 'tracked';
  track.confirmed = true;
  track.seenPtsMs = ptsMs;
  track.faceShare = faceShareOf(detection) ?? track.faceShare;
  track.detection = withSteadyHead(detection, track.faceShare);
  track.detectionIndex = index;
}

const faceShareOf = ({ box, head, landmarks }: Detection): number | undefined =>
  head && landmarks ? head.height / box.height : undefined;

/** A head by keypoints differs from the size of the person's face by this share at most. */
const MAX_HEAD_CHANGE = 0.15;

/** Keypoints say where a head is better than how large: who turns away is framed as before. */
function withSteadyHead(detection: Detection, faceShare: number | undefined): Detection {
  const { box, head, landmarks } = detection;
  if (!head || landmarks || faceShare === undefined) return detection;
  const usual = faceShare * box.height;
  const height = Math.min(usual * (1 + MAX_HEAD_CHANGE), Math.max(usual * (1 - MAX_HEAD_CHANGE), head.height));
  const width = (head.width * height) / head.height;
  const middle = center(head);
  return { ...detection, head: { x: middle.x - width / 2, y: middle.y - height / 2, width, height } };
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
      detectedBox: steps > 0 ? moved(track.shownBox, track.filter.box(), box) : track.shownBox,
    }),
    ...(track.prediction ? { prediction: track.prediction } : {}),
    ...(detection.landmarks ? { landmarks: detection.landmarks } : {}),
    ...(detection.head ? { head: moved(detection.head, track.boxAtMatch, box) } : {}),
    ...(detection.gaze ? { gaze: detection.gaze } : {}),
  };
}

/** The box, moved as the centre of another one moves. */
function moved(box: Box, before: Box, after: Box): Box {
  const from = center(before);
  const to = center(after);
  return { ...box, x: box.x + to.x - from.x, y: box.y + to.y - from.y };
}
