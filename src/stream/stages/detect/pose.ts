import type { Box, Point } from '../../../shared/domain/box.js';
import type { Detection, Gaze } from '../../../shared/domain/detection.js';

/** One keypoint of a body; pixels. */
export interface Keypoint extends Point {
  /** Confidence in [0, 1]. */
  readonly score: number;
}

/** Keypoints of a body, in COCO's order; left and right as the person has them. */
export const BODY_KEYPOINTS = 17;
const [NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR, LEFT_SHOULDER, RIGHT_SHOULDER] = [0, 1, 2, 3, 4, 5, 6] as const;
const HEAD_POINTS = [NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR] as const;

/** A keypoint of a higher score is where the network says. */
const SEEN_SCORE = 0.2;
/** One of a lower score is guessed. */
const GUESSED_SCORE = 0.1;

/**
 * Height of a face, hairline to chin, over distances of keypoints: 18.5 cm beside 15 between the ears, 6.5 between the
 * eyes, 36 between the shoulders and 22 from nose to shoulders, means of adults.
 */
const FACE_PER_EARS = 1.25;
const FACE_PER_EYES = 2.8;
const FACE_PER_SHOULDERS = 0.5;
const FACE_PER_NECK = 0.8;
/** Width of a face over its height, as face detectors box it. */
const FACE_WIDTH = 0.75;
/** A face is no larger than this share of the height of its person, and no smaller than that. */
const MAX_FACE_PER_BODY = 0.6;
const MIN_FACE_PER_BODY = 0.08;
/** Middle of the head above the line of the shoulders, in distances between them: where no point of the head is seen. */
const HEAD_ABOVE_SHOULDERS = 0.6;

/** The nose is so far from the middle of the ears, fraction of half their distance, where a person looks aside. */
const ASIDE_OFFSET = 0.6;

/** Two heads that are nearer than this many of their heights, and of like size, are one. */
const SAME_HEAD_DISTANCE = 0.5;
const SAME_HEAD_SIZE = 2;

/**
 * Head and gaze of a person by their keypoints, as parts of a `Detection`; without a head where neither head nor
 * shoulders are seen.
 *
 * @param points - of a body, COCO's order
 * @param box - of the person, in the same pixels
 */
export function headByKeypoints(points: readonly Keypoint[], box: Box): Pick<Detection, 'head' | 'gaze'> {
  const seen = HEAD_POINTS.map((k) => points[k]!).filter(({ score }) => score >= GUESSED_SCORE);
  const [left, right] = [points[LEFT_SHOULDER]!, points[RIGHT_SHOULDER]!];
  const hasShoulders = left.score >= SEEN_SCORE && right.score >= SEEN_SCORE;
  const shoulders = hasShoulders ? distance(left, right) : 0;
  const neckline = hasShoulders ? middle([left, right]) : undefined;
  if (seen.length === 0 && neckline === undefined) return {};
  const centre = seen.length > 0 ? middle(seen) : { x: neckline!.x, y: neckline!.y - HEAD_ABOVE_SHOULDERS * shoulders };
  const across = Math.max(
    FACE_PER_EARS * distanceIfSeen(points, LEFT_EAR, RIGHT_EAR),
    FACE_PER_EYES * distanceIfSeen(points, LEFT_EYE, RIGHT_EYE),
    FACE_PER_SHOULDERS * shoulders,
  );
  // In profile ears, eyes and shoulders are close together; then the neck tells the size.
  const along = neckline === undefined ? 0 : FACE_PER_NECK * (neckline.y - centre.y);
  const estimate = across > 0 && along > across / 2 ? (across + along) / 2 : Math.max(across, along);
  const height = Math.min(MAX_FACE_PER_BODY * box.height, Math.max(MIN_FACE_PER_BODY * box.height, estimate));
  const width = height * FACE_WIDTH;
  const gaze = gazeOf(points, height);
  return {
    head: { x: centre.x - width / 2, y: centre.y - height / 2, width, height },
    ...(gaze && { gaze }),
  };
}

/** Where the keypoints look; `undefined` where too few are seen. */
function gazeOf(points: readonly Keypoint[], faceHeight: number): Gaze | undefined {
  const [leftShoulder, rightShoulder] = [points[LEFT_SHOULDER]!, points[RIGHT_SHOULDER]!];
  const nose = points[NOSE]!;
  const [leftEar, rightEar] = [points[LEFT_EAR]!, points[RIGHT_EAR]!];
  const hasShoulders = leftShoulder.score >= SEEN_SCORE && rightShoulder.score >= SEEN_SCORE;
  // Of somebody who faces the camera the left shoulder is on the right of the picture.
  const turn = hasShoulders ? (leftShoulder.x - rightShoulder.x) / faceHeight : 0;
  const faceSeen = Math.max(nose.score, Math.min(points[LEFT_EYE]!.score, points[RIGHT_EYE]!.score));
  if (turn < -ASIDE_OFFSET && faceSeen < 2 * SEEN_SCORE) return 'away';
  const sawEars = [leftEar, rightEar].filter(({ score }) => score >= SEEN_SCORE);
  if (nose.score < SEEN_SCORE) return turn < -ASIDE_OFFSET / 2 ? 'away' : undefined;
  if (sawEars.length === 2) {
    const half = Math.max(Math.abs(leftEar.x - rightEar.x) / 2, faceHeight / 8);
    const offset = (nose.x - (leftEar.x + rightEar.x) / 2) / half;
    if (Math.abs(offset) <= ASIDE_OFFSET) return leftEar.x >= rightEar.x ? 'front' : 'away';
    return offset < 0 ? 'left' : 'right';
  }
  const [ear] = sawEars;
  if (ear !== undefined) return nose.x < ear.x ? 'left' : 'right';
  return 'front';
}

/** Where a face looks, by its five landmarks. */
export function gazeOfFace([rightEye, leftEye, nose]: readonly Point[]): Gaze {
  if (!rightEye || !leftEye || !nose) return 'front';
  const offset = (nose.x - (rightEye.x + leftEye.x) / 2) / Math.max(1, Math.abs(leftEye.x - rightEye.x) / 2);
  if (Math.abs(offset) <= ASIDE_OFFSET) return 'front';
  return offset < 0 ? 'left' : 'right';
}

/** Without those whose head is that of somebody of a higher score: one body found twice, in two sizes. */
export function dropRepeatedHeads(detections: readonly Detection[]): readonly Detection[] {
  const kept: Detection[] = [];
  for (const detection of [...detections].sort((a, b) => b.score - a.score)) {
    if (!kept.some((other) => isSameHead(detection.head, other.head))) kept.push(detection);
  }
  return kept;
}

function isSameHead(a: Box | undefined, b: Box | undefined): boolean {
  if (!a || !b) return false;
  const larger = Math.max(a.height, b.height);
  const apart = Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2);
  return apart < SAME_HEAD_DISTANCE * larger && larger < SAME_HEAD_SIZE * Math.min(a.height, b.height);
}

function distanceIfSeen(points: readonly Keypoint[], a: number, b: number): number {
  const [from, to] = [points[a]!, points[b]!];
  return from.score >= SEEN_SCORE && to.score >= SEEN_SCORE ? distance(from, to) : 0;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

const middle = (points: readonly Point[]): Point => ({
  x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
  y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
});
