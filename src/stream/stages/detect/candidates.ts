import type { Point } from '../../../shared/domain/box.js';
import type { Detection, SubjectKind } from '../../../shared/domain/detection.js';
import { anchorCenters, BLAZEFACE, FULL_RANGE, type AnchorGrids } from './blazeface-anchors.js';
import { faceOfBlazeface } from './blazeface-decoder.js';
import { at, toSourceBox, toSourcePoint, type TensorMapping } from './decoder.js';
import type { DecoderSpec } from './decoders.js';
import { BODY_KEYPOINTS, headByKeypoints } from './pose.js';

/** How the GPU finds candidates in a network's outputs; as `GpuDecode` of the addon. */
export type CandidateSpec =
  | { readonly type: 'yolov8'; readonly classes: number; readonly keypoints: number }
  | { readonly type: 'scrfd'; readonly strides: readonly number[]; readonly anchorsPerCell: number }
  | { readonly type: 'yunet'; readonly strides: readonly number[] }
  | { readonly type: 'blazeface'; readonly anchors: Float32Array; readonly keypoints: number };

/** Numbers before the keypoints: score, left, top, right, bottom, anchor. */
const FIRST_POINT = 6;
const FACE_POINTS = 5;
const BLAZEFACE_POINTS = 6;

/** What the addon needs to find the same candidates as the decoder of `spec`. */
export function candidateSpecOf(spec: DecoderSpec): CandidateSpec {
  switch (spec.type) {
    case 'yunet':
      return { type: 'yunet', strides: [8, 16, 32] };
    case 'scrfd':
      return { type: 'scrfd', strides: [8, 16, 32], anchorsPerCell: 2 };
    case 'blazeface':
      return mediapipeSpec(BLAZEFACE);
    case 'full-range-face':
      return mediapipeSpec(FULL_RANGE);
    case 'yolov8':
      return { type: 'yolov8', classes: spec.classes, keypoints: spec.keypoints };
  }
}

const mediapipeSpec = ({ grids, input }: AnchorGrids): CandidateSpec => ({
  type: 'blazeface',
  anchors: Float32Array.from(grids.flatMap((grid) => [...anchorCenters(grid, input)])),
  keypoints: BLAZEFACE_POINTS,
});

/**
 * Converts candidates to detections in pixels of the picture, the same ones as the decoder of `spec` gives for
 * the same outputs. Overlapping detections are still in it (see `nms.ts`).
 *
 * @param candidates - `stride` numbers each: score, left, top, right, bottom in pixels of the input, anchor,
 *   x and y of each keypoint
 */
export function readCandidates(
  candidates: { readonly stride: number; readonly values: Float32Array },
  { spec, kind, mapping }: { readonly spec: DecoderSpec; readonly kind: SubjectKind; readonly mapping: TensorMapping },
): Detection[] {
  const { stride, values } = candidates;
  const detections: Detection[] = [];
  const hasLandmarks = spec.type !== 'yolov8' || spec.keypoints === FACE_POINTS;
  const detectedKind = spec.type === 'yolov8' ? kind : 'face';
  for (let first = 0; first + stride <= values.length; first += stride) {
    const score = Math.min(1, at(values, first));
    const left = at(values, first + 1);
    const top = at(values, first + 2);
    const right = at(values, first + 3);
    const bottom = at(values, first + 4);
    if (spec.type === 'blazeface' || spec.type === 'full-range-face') {
      const point = (k: number): Point => pointOf(values, first, k, mapping);
      detections.push(faceOfBlazeface({ left, top, right, bottom }, point, mapping, score));
      continue;
    }
    const box = toSourceBox(left, top, right, bottom, mapping);
    if (spec.type === 'yolov8' && spec.keypoints === BODY_KEYPOINTS) {
      // The GPU gives no scores of keypoints.
      const points = Array.from({ length: BODY_KEYPOINTS }, (_, k) => {
        const { x, y } = pointOf(values, first, k, mapping);
        return { x, y, score: 1 };
      });
      detections.push({ box, score, kind: detectedKind, ...headByKeypoints(points, box) });
      continue;
    }
    if (!hasLandmarks) {
      detections.push({ box, score, kind: detectedKind });
      continue;
    }
    const landmarks: Point[] = [];
    for (let k = 0; k < FACE_POINTS; k += 1) landmarks.push(pointOf(values, first, k, mapping));
    detections.push({ box, score, kind: detectedKind, landmarks });
  }
  return detections;
}

/** Keypoint `k` of the candidate that begins at `first`. */
function pointOf(values: Float32Array, first: number, k: number, mapping: TensorMapping): Point {
  const i = first + FIRST_POINT + 2 * k;
  return toSourcePoint(at(values, i), at(values, i + 1), mapping);
}
