import type { Point, Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';
import { anchorCenters, BLAZEFACE, FULL_RANGE, type AnchorGrids } from './blazeface-anchors.js';
import {
  at,
  outputOfLength,
  sigmoid,
  toSourceBox,
  toSourcePoint,
  type Decoder,
  type TensorMapping,
} from './decoder.js';

/** Box (4) and six points (12) of one anchor. */
const VALUES_PER_ANCHOR = 16;

/**
 * Half the width of the mouth as a fraction of the distance between the eyes, from the five
 * points that ArcFace aligns faces to: (70.73 − 41.55) / (73.53 − 38.29) / 2.
 */
const HALF_MOUTH_PER_EYE_DISTANCE = 0.414;

/**
 * BlazeFace's square begins at the eyebrows; the other models' boxes at the hairline. These ratios convert
 * one to the other, so that framing gets the same head from every model. Mean over 36 frames of
 * three people against YuNet: width 0.905, height 1.303 of the square, lower edges 0.006 apart.
 */
const FACE_WIDTH_RATIO = 0.905;
const FACE_HEIGHT_RATIO = 1.303;

/**
 * MediaPipe's face detectors: faces with six points.
 *
 * Outputs: scores of each anchor grid (logits), then their boxes: centre offset from the
 * anchor, size, and points, in pixels of the input. The points are right eye, left eye, nose,
 * middle of the mouth and both ears; the corners of the mouth are computed from its middle, along the line
 * of the eyes, because later stages need the usual five landmarks.
 *
 * Source: V. Bazarevsky et al., “BlazeFace: Sub-millisecond Neural Face Detection on Mobile
 * GPUs”, 2019.
 */
function createMediapipeDecoder({ grids }: AnchorGrids, model: string): Decoder {
  const centersFor = rememberBySize((input) => grids.map((grid) => anchorCenters(grid, input)));
  return (outputs, { input, mapping, scoreThreshold }) => {
    const detections: Detection[] = [];
    for (const [level, centers] of centersFor(input).entries()) {
      const anchors = centers.length / 2;
      const logits = outputOfLength(outputs, level, anchors, model);
      const values = outputOfLength(outputs, level + grids.length, anchors * VALUES_PER_ANCHOR, model);
      for (let anchor = 0; anchor < anchors; anchor++) {
        const score = sigmoid(at(logits, anchor));
        if (score < scoreThreshold) continue;
        const first = anchor * VALUES_PER_ANCHOR;
        const anchorX = at(centers, anchor * 2) * input.width;
        const anchorY = at(centers, anchor * 2 + 1) * input.height;
        const point = (k: number): Point =>
          toSourcePoint(anchorX + at(values, first + 4 + k * 2), anchorY + at(values, first + 5 + k * 2), mapping);
        const x = anchorX + at(values, first);
        const y = anchorY + at(values, first + 1);
        const halfWidth = at(values, first + 2) / 2;
        const halfHeight = at(values, first + 3) / 2;
        const square = { left: x - halfWidth, top: y - halfHeight, right: x + halfWidth, bottom: y + halfHeight };
        detections.push(faceOfBlazeface(square, point, mapping, score));
      }
    }
    return detections;
  };
}

/** BlazeFace, MediaPipe's back-camera model, of any input whose sides are multiples of 32. */
export const decodeBlazeface = createMediapipeDecoder(BLAZEFACE, 'BlazeFace');

/** MediaPipe's full-range model, 192×192. */
export const decodeFullRangeFace = createMediapipeDecoder(FULL_RANGE, 'full-range face');

/** What was made for a size of input; there are few. */
function rememberBySize<T>(make: (input: Size) => T): (input: Size) => T {
  const made = new Map<string, T>();
  return (input) => {
    const key = `${input.width}×${input.height}`;
    const value = made.get(key) ?? make(input);
    made.set(key, value);
    return value;
  };
}

/**
 * The face of one candidate.
 *
 * @param square - pixels of the network's input
 * @param point - keypoint `k` of six, pixels of the picture
 * @param mapping - from the input to the picture
 */
export function faceOfBlazeface(
  square: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
  point: (k: number) => Point,
  mapping: TensorMapping,
  score: number,
): Detection {
  const { left, top, right, bottom } = square;
  const x = (left + right) / 2;
  const halfWidth = ((right - left) * FACE_WIDTH_RATIO) / 2;
  const hairline = bottom - (bottom - top) * FACE_HEIGHT_RATIO;
  return {
    box: toSourceBox(x - halfWidth, hairline, x + halfWidth, bottom, mapping),
    score,
    kind: 'face',
    landmarks: withMouthCorners(point(0), point(1), point(2), point(3)),
  };
}

function withMouthCorners(rightEye: Point, leftEye: Point, nose: Point, mouth: Point): readonly Point[] {
  const dx = (leftEye.x - rightEye.x) * HALF_MOUTH_PER_EYE_DISTANCE;
  const dy = (leftEye.y - rightEye.y) * HALF_MOUTH_PER_EYE_DISTANCE;
  return [rightEye, leftEye, nose, { x: mouth.x - dx, y: mouth.y - dy }, { x: mouth.x + dx, y: mouth.y + dy }];
}
