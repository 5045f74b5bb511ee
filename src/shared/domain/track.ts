import type { Box, Point } from './box.js';
import type { Gaze, SubjectKind } from './detection.js';

/** Positive, counted up, never used twice in the life of a tracker. */
export type TrackId = number;

/**
 * `new`: seen once, not confirmed · `tracked`: matched in the latest detection set ·
 * `lost`: predicted only · `removed`: gone, its id is never used again.
 */
export type TrackState = 'new' | 'tracked' | 'lost' | 'removed';

/** Where the motion model expected somebody before the latest detections were taken in. */
export interface TrackPrediction {
  /** Pixels of the source picture, at the PTS of the latest detection set. */
  readonly box: Box;
  /** Standard deviation of a detection's centre around the box's, for x and y alike, pixels. */
  readonly stdPx: number;
  /** How far the whole picture moved since, already part of `box`; absent where it did not. */
  readonly cameraShift?: Point;
}

/** One followed person at one moment. */
export interface Track {
  /** Kept as long as the tracker follows the person; after a long absence an identity gets a new track. */
  readonly id: TrackId;
  /** What the tracker knows of the person now. */
  readonly state: TrackState;
  /** Kalman estimate at the frame's PTS, pixels of the source picture: calm, so that pictures are framed by it. */
  readonly box: Box;
  /**
   * The latest detection, without as much of the noise as detections of this person have, moved on to the frame's PTS:
   * where the person is, for those who are told or draw it ({@link shownBox}). Absent for a track that the latest detection set did not match.
   */
  readonly detectedBox?: Box;
  /** Score of the last detection matched, in [0, 1]. */
  readonly score: number;
  /** What `box` encloses, as its detections do. */
  readonly kind: SubjectKind;
  /** PTS of the first detection, milliseconds. */
  readonly bornPtsMs: number;
  /** PTS of the last matched detection, milliseconds. */
  readonly seenPtsMs: number;
  /** Index in the latest detection set; absent where none of it was matched. */
  readonly detectionIndex?: number;
  /** Against the latest detection set; absent for a track that began with it. */
  readonly prediction?: TrackPrediction;
  /** As detected at `seenPtsMs`, where the detector gives them. */
  readonly landmarks?: readonly Point[];
  /**
   * Whether this is still the person with this id is being found out, after `cut` or after people met, or somebody came
   * back (`mixed`): nothing is shown that says who it is. Absent where it is sure.
   */
  readonly doubt?: 'cut' | 'mixed';
  /** Their face was recognised: this person was known before this track began. Absent otherwise. */
  readonly isRecognised?: true;
  /** Ids under which this person was followed as well, which nobody has any more; absent for none. */
  readonly mergedIds?: readonly TrackId[];
  /** Head of a person, as `Detection` has it, moved on to the frame's PTS with the box. */
  readonly head?: Box;
  /** As detected at `seenPtsMs`. */
  readonly gaze?: Gaze;
}

/** Who fills which tile: index 0 is the leftmost slot. `undefined` is a slot without a person. */
export type SlotAssignment = readonly (TrackId | undefined)[];

/** Where the person is, pixels of the source picture: as detected, or as estimated where nothing was detected. */
export const shownBox = ({ box, detectedBox }: Pick<Track, 'box' | 'detectedBox'>): Box => detectedBox ?? box;
