import { area, intersectionArea, type Box, type Point, type Size } from '../../../shared/domain/box.js';

/** Why no embedding is made of a crop. */
export type CropFlaw =
  /** Another person is in front of it, or may be. */
  | 'covered'
  /** The edge of the picture cuts it. */
  | 'cut'
  /** Too few pixels to compare. */
  | 'small'
  /** The face is turned too far to a side, up or down. */
  | 'turned'
  /** Too little detail is left (`aligned-sharpness.ts`). */
  | 'blurred'
  /** The model is aligned on landmarks, and the detector gave none that make a face. */
  | 'no-landmarks';

/** One detection of a frame, with what may cover it. */
export interface Crop {
  /** Pixels of the frame. */
  readonly box: Box;
  /** As in `Detection`. */
  readonly landmarks?: readonly Point[];
  /** Boxes of the other detections, pixels of the frame. */
  readonly others: readonly Box[];
}

/** A crop of which another box covers a larger share counts as covered. */
const MAX_COVER = 0.15;
/** At least this share of the box must be inside the picture. */
const MIN_INSIDE = 0.9;
/**
 * Between the eyes, pixels: dlib's descriptors of one face are 0.26 apart from 35 on, 0.37 at 12, 0.49
 * at 8 (medians, two people).
 */
const MIN_EYE_DISTANCE_PX = 12;
/** Width of the box where there are no landmarks, pixels. */
const MIN_WIDTH_PX = 32;
/** How far from the middle between the eyes the nose may be, as a fraction of their distance. */
const MAX_NOSE_OFFSET = 0.4;
/** Distance of the eyes over that of their line from the mouth; frontal is 0.94 (dlib's mean face). */
const MIN_EYES_PER_HEIGHT = 0.5;
const MAX_EYES_PER_HEIGHT = 1.8;

/**
 * Why no embedding should be made of a crop, as far as that is known without its pixels; `undefined` where
 * nothing is wrong. `cropQuality`, in contrast, weighs how far an embedding may be trusted.
 *
 * @param picture - size of the frame, pixels
 * @param needsLandmarks - whether the model is aligned on them
 */
export function geometricFlaw(crop: Crop, picture: Size, needsLandmarks: boolean): CropFlaw | undefined {
  const { box, landmarks, others } = crop;
  const outer = { x: 0, y: 0, ...picture };
  if (intersectionArea(box, outer) < MIN_INSIDE * area(box)) return 'cut';
  if (landmarks?.some(({ x, y }) => x < 0 || y < 0 || x > picture.width || y > picture.height)) return 'cut';
  if (others.some((other) => intersectionArea(box, other) > MAX_COVER * area(box))) return 'covered';
  const pose = landmarks && poseOf(landmarks);
  if (pose === undefined) {
    if (needsLandmarks) return 'no-landmarks';
    return box.width < MIN_WIDTH_PX ? 'small' : undefined;
  }
  if (Math.abs(pose.noseOffset) > MAX_NOSE_OFFSET) return 'turned';
  if (pose.eyesPerHeight < MIN_EYES_PER_HEIGHT || pose.eyesPerHeight > MAX_EYES_PER_HEIGHT) return 'turned';
  return pose.eyeDistancePx < MIN_EYE_DISTANCE_PX ? 'small' : undefined;
}

interface Pose {
  readonly eyeDistancePx: number;
  /** From the middle between the eyes along their line, fraction of their distance; 0 is frontal. */
  readonly noseOffset: number;
  readonly eyesPerHeight: number;
}

/** By right eye, left eye, nose and the corners of the mouth; `undefined` where they are no face. */
function poseOf([rightEye, leftEye, nose, rightMouth, leftMouth]: readonly Point[]): Pose | undefined {
  if (!rightEye || !leftEye || !nose || !rightMouth || !leftMouth) return undefined;
  const across = { x: leftEye.x - rightEye.x, y: leftEye.y - rightEye.y };
  const eyeDistancePx = Math.hypot(across.x, across.y);
  const height =
    (across.x * ((rightMouth.y + leftMouth.y) / 2 - rightEye.y) -
      across.y * ((rightMouth.x + leftMouth.x) / 2 - rightEye.x)) /
    eyeDistancePx;
  if (!(height > 0)) return undefined;
  const along = (nose.x - rightEye.x) * across.x + (nose.y - rightEye.y) * across.y;
  return { eyeDistancePx, noseOffset: along / eyeDistancePx ** 2 - 0.5, eyesPerHeight: eyeDistancePx / height };
}
