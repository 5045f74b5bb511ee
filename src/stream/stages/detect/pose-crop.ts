import { center, type Box, type Size } from '../../../shared/domain/box.js';
import type { AffineMatrix } from '../../domain/affine-matrix.js';
import { BODY_KEYPOINTS, type Keypoint } from './pose.js';

/** Numbers of one person: x and y in pixels of the network's input, and score, of each of COCO's 17 keypoints. */
export const POSE_VALUES = 3 * BODY_KEYPOINTS;

/** So many times the box of a person goes in, as MMPose trains its networks. */
const PADDING = 1.25;
/**
 * Scores of RTMPose are no probabilities; MMPose draws points from 0.3 on, which here is the score from which on a point
 * counts as seen (0.2).
 */
const SCORE_GAIN = 2 / 3;

/**
 * From the input of a pose network to the picture: the box of a person in the middle, with room around it, neither
 * stretched nor turned.
 *
 * @param box - of the person, pixels of the picture
 * @param input - size of the network's input, pixels
 */
export function poseCrop(box: Box, input: Size): AffineMatrix {
  const ratio = PADDING * Math.max(box.width / input.width, box.height / input.height);
  const middle = center(box);
  return [ratio, 0, middle.x - (ratio * input.width) / 2, 0, ratio, middle.y - (ratio * input.height) / 2];
}

/**
 * The keypoints of one person, pixels of the picture, scores in [0, 1].
 *
 * @param values - {@link POSE_VALUES} numbers
 * @param crop - from the network's input to the picture
 */
export function keypointsIn(values: Float32Array, [a, b, c, d, e, f]: AffineMatrix): readonly Keypoint[] {
  return Array.from({ length: BODY_KEYPOINTS }, (_, k) => {
    const [x, y, score] = [values[3 * k] as number, values[3 * k + 1] as number, values[3 * k + 2] as number];
    return {
      x: a * x + b * y + c,
      y: d * x + e * y + f,
      // What a damaged file gives instead of a number is a point that is not seen.
      score: score > 0 ? Math.min(1, score * SCORE_GAIN) : 0,
    };
  });
}
