import type { Box, Point } from './box.js';

/** What a detector's boxes enclose; framing derives the head from it. */
export type SubjectKind = 'face' | 'person';

/**
 * Where a person looks, as the picture shows it: `left` and `right` are those of the picture, `front` is towards the
 * camera, `away` from it.
 */
export type Gaze = 'left' | 'front' | 'right' | 'away';

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
   * mouth corner (right and left as the person has them). Pixels of the source picture. Of a person: those of the
   * face that belongs to the body; absent where no face is seen.
   */
  readonly landmarks?: readonly Point[];
  /**
   * Of a person: the head from hairline to chin, as face detectors box it; that of the face where one is seen, else by
   * the keypoints of the body. Pixels of the source picture.
   */
  readonly head?: Box;
  /** Of a person whose keypoints tell. */
  readonly gaze?: Gaze;
}

/** Brightness of points of a picture, at an even distance, row by row; 0 … 255. */
export interface LumaSketch {
  /** As `lumaSketch` or `lumaMeans` of the addon gives it. */
  readonly luma: Uint8Array;
  /** Points in a row. */
  readonly columns: number;
}

/** How often a network that takes one person at a time looked for keypoints. */
export interface PoseCounts {
  /** People for whom it ran. */
  readonly computed: number;
  /** People whose pose was known, or whose turn it was not. */
  readonly skipped: number;
}

/** Everything found in the frame with this PTS. */
export interface DetectionSet {
  /** Of the frame that was examined, milliseconds; strictly increasing from set to set. */
  readonly ptsMs: number;
  /** Whether the detector finds bodies, so that people are found whichever way they look. @defaultValue false */
  readonly bodies?: boolean;
  /** A small picture of the frame, where the detector makes it: of one in the memory of a GPU. */
  readonly sketch?: LumaSketch;
  /** Where such a network is used (`detect.pose`): of this frame. */
  readonly poses?: PoseCounts;
  /** In no order; empty where nobody was found. */
  readonly detections: readonly Detection[];
}
