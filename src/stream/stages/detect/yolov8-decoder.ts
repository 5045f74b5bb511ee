import type { Detection, SubjectKind } from '../../../shared/domain/detection.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import {
  at,
  sigmoid,
  toSourceBox,
  toSourcePoint,
  type DecodeContext,
  type Decoder,
  type OutputTensor,
} from './decoder.js';
import { BODY_KEYPOINTS, headByKeypoints, type Keypoint } from './pose.js';
import { withMore } from '../../../shared/with-more.js';

/** What a YOLOv8 model finds. */
export interface Yolov8Options {
  /** What its boxes enclose. */
  readonly kind: SubjectKind;
  /** Number of classes; only class 0 is used (COCO: person). */
  readonly classes: number;
  /** Keypoints per detection: 5 are face landmarks, 17 those of a body, 0 where there are none; any other number is ignored. */
  readonly keypoints: number;
}

/** Bins of each side's distance distribution (`reg_max`). */
const DFL_BINS = 16;
const BOX_CHANNELS = 4 * DFL_BINS;

/**
 * Decodes YOLOv8 in both common forms. One output: the common export, channels × anchors (or
 * anchors × channels), with boxes in pixels as centre and size, and class scores. Several
 * outputs of four dimensions: raw heads, whose box sides are distributions over distances (DFL)
 * and whose scores are logits. The stride of a head is the input's width over its own.
 *
 * Source: Ultralytics YOLOv8 `Detect` and `Pose` heads; X. Li et al., “Generalized Focal Loss”, 2020.
 */
export function createYolov8Decoder(options: Yolov8Options): Decoder {
  return (outputs, context) => {
    const [first] = outputs;
    if (first === undefined || outputs.length === 0) throw shapeError('at least one output', outputs);
    if (outputs.length === 1 && first.dims.length === 3) return decodeExport(first, options, context);
    return outputs.flatMap((head) => decodeHead(head, options, context));
  };
}

function decodeExport(output: OutputTensor, options: Yolov8Options, context: DecodeContext): Detection[] {
  const [, rows = 0, columns = 0] = output.dims;
  // Anchors outnumber channels in every export; a transposed one has them first.
  const isTransposed = rows > columns;
  const channels = Math.min(rows, columns);
  const anchors = Math.max(rows, columns);
  const pointValues = valuesPerKeypoint(channels - 4 - options.classes, options, output);
  const { data } = output;
  const [channelStep, anchorStep] = isTransposed ? [1, channels] : [anchors, 1];
  const detections: Detection[] = [];
  for (let anchor = 0; anchor < anchors; anchor++) {
    const value = (channel: number): number => at(data, channel * channelStep + anchor * anchorStep);
    const score = value(4);
    if (score < context.scoreThreshold) continue;
    const [halfWidth, halfHeight] = [value(2) / 2, value(3) / 2];
    const [x, y] = [value(0), value(1)];
    const firstPoint = 4 + options.classes;
    detections.push(
      withLandmarks(
        {
          box: toSourceBox(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, context.mapping),
          score: Math.min(1, score),
          kind: options.kind,
        },
        options,
        (k) => {
          const i = firstPoint + k * pointValues;
          const { x, y } = toSourcePoint(value(i), value(i + 1), context.mapping);
          return { x, y, score: pointValues > 2 ? value(i + 2) : 1 };
        },
      ),
    );
  }
  return detections;
}

function decodeHead(head: OutputTensor, options: Yolov8Options, context: DecodeContext): Detection[] {
  const [, channels = 0, rows = 0, columns = 0] = head.dims;
  if (head.dims.length !== 4 || columns === 0) throw shapeError('1×channels×rows×columns', [head]);
  const pointValues = valuesPerKeypoint(channels - BOX_CHANNELS - options.classes, options, head);
  const { data } = head;
  const cells = rows * columns;
  const stride = context.input.width / columns;
  const detections: Detection[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const value = (channel: number): number => at(data, channel * cells + cell);
    const score = sigmoid(value(BOX_CHANNELS));
    if (score < context.scoreThreshold) continue;
    const column = cell % columns;
    const row = Math.floor(cell / columns);
    const x = (column + 0.5) * stride;
    const y = (row + 0.5) * stride;
    const side = (index: number): number => expectedDistance(value, index * DFL_BINS) * stride;
    const firstPoint = BOX_CHANNELS + options.classes;
    detections.push(
      withLandmarks(
        {
          box: toSourceBox(x - side(0), y - side(1), x + side(2), y + side(3), context.mapping),
          score,
          kind: options.kind,
        },
        options,
        (k) => {
          const i = firstPoint + k * pointValues;
          const [px, py] = [(column + value(i) * 2) * stride, (row + value(i + 1) * 2) * stride];
          const score = pointValues > 2 ? sigmoid(value(i + 2)) : 1;
          const { x, y } = toSourcePoint(px, py, context.mapping);
          return { x, y, score };
        },
      ),
    );
  }
  return detections;
}

/** Mean of the softmax distribution over the bins from channel `first`, in strides. */
function expectedDistance(value: (channel: number) => number, first: number): number {
  let largest = -Infinity;
  for (let bin = 0; bin < DFL_BINS; bin++) largest = Math.max(largest, value(first + bin));
  let total = 0;
  let weighted = 0;
  for (let bin = 0; bin < DFL_BINS; bin++) {
    const weight = Math.exp(value(first + bin) - largest);
    total += weight;
    weighted += weight * bin;
  }
  return weighted / total;
}

function withLandmarks(detection: Detection, { keypoints }: Yolov8Options, point: (k: number) => Keypoint): Detection {
  if (keypoints === BODY_KEYPOINTS) {
    const points = Array.from({ length: BODY_KEYPOINTS }, (_, k) => point(k));
    return withMore(detection, headByKeypoints(points, detection.box));
  }
  if (keypoints !== 5) return detection;
  return withMore(detection, { landmarks: [0, 1, 2, 3, 4].map(point).map(({ x, y }) => ({ x, y })) });
}

/** x, y and, in most exports, visibility. */
function valuesPerKeypoint(rest: number, { classes, keypoints }: Yolov8Options, output: OutputTensor): number {
  const values = keypoints === 0 ? 0 : rest / keypoints;
  const fits = keypoints === 0 ? rest === 0 : values === 2 || values === 3;
  if (!fits) throw shapeError(`channels for ${classes} class(es) and ${keypoints} keypoints`, [output]);
  return values;
}

function shapeError(expected: string, outputs: readonly OutputTensor[]): DiptychError {
  const got = outputs.map(({ dims }) => dims.join('×')).join(', ') || 'nothing';
  return new DiptychError(
    'DIPTYCH_E_MODEL',
    `a YOLOv8 model should give ${expected}, got ${got}; check its entry in models/manifest.json`,
  );
}
