import type { Box, Point } from './box.js';

/** What a detector's boxes enclose; framing derives the head from it. */
export type SubjectKind = 'face' | 'person';

/** One thing a detector found in one frame. */
export interface Detection {
  /** In pixels of the source picture; may reach over its edge. */
  readonly box: Box;
  /** Confidence in [0, 1]. */
  readonly score: number;
  /** What `box` encloses: the face, or the whole person. */
  readonly kind: SubjectKind;
  /**
   * Five landmarks where the model gives them: right eye, left eye, nose tip, right and left
   * mouth corner (right and left as the person has them). Pixels of the source picture.
   */
  readonly landmarks?: readonly Point[];
}

/** Everything found in the frame with this PTS. */
export interface DetectionSet {
  /** Of the frame that was examined, milliseconds; strictly increasing from set to set. */
  readonly ptsMs: number;
  /** In no order; empty where nobody was found. */
  readonly detections: readonly Detection[];
}
