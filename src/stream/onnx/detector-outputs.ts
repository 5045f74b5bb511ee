import { DiptychError } from '../../shared/domain/errors.js';
import type { OnnxValue } from './onnx-builder.js';
import type { TfjsValues } from './tfjs-values.js';

/** A value that becomes an output under a name of its own. */
export interface FinishedOutput extends OnnxValue {
  /** Name of the value in the graph. */
  readonly value: string;
}

/** Gives the results of a network the form that a decoder of `stages/detect` reads. */
export type OutputFinisher = (
  values: TfjsValues,
  /** Names of the network's results by reference. */
  results: ReadonlyMap<string, string>,
  /** Name of the input. */
  input: string,
) => readonly FinishedOutput[];

/** MoveNet MultiPose: people, keypoints, then box and score. */
const POSES = 6;
const KEYPOINTS = 17;
const POSE_VALUES = 3 * KEYPOINTS + 5;
/**
 * MoveNet scores people who are well found 0.2 to 0.6: times this, its scores mean about what those of other detectors
 * do (`test/bench/detect.mjs` has recall and precision at the scores that start and keep a track).
 */
const POSE_SCORE_GAIN = 2.5;
/** The YOLOv8 decoder takes the longer side for the anchors. */
const POSE_ROWS = 64;

/**
 * MoveNet MultiPose as YOLOv8-pose is exported: [1, 64, 56], of which 6 rows are people: middle, size and score of
 * the box, then x, y and score of 17 keypoints (COCO's order), in pixels of the input. MoveNet itself gives
 * fractions, keypoints first, y before x.
 */
export const finishPoses: OutputFinisher = (values, results, input) => {
  const poses = resultOf(results, 'Identity');
  const order = new Float32Array(POSE_VALUES * POSE_VALUES);
  // For each number of a row: whether it is multiplied by the width, by the height, or left as it is.
  const byWidth = new Float32Array(POSE_VALUES);
  const byHeight = new Float32Array(POSE_VALUES);
  const asItIs = new Float32Array(POSE_VALUES);
  const take = (to: number, from: Readonly<Record<number, number>>, factors: Float32Array): void => {
    for (const [index, share] of Object.entries(from)) order[Number(index) * POSE_VALUES + to] = share;
    factors[to] = 1;
  };
  const [top, left, bottom, right, score] = [51, 52, 53, 54, 55] as const;
  take(0, { [left]: 0.5, [right]: 0.5 }, byWidth);
  take(1, { [top]: 0.5, [bottom]: 0.5 }, byHeight);
  take(2, { [left]: -1, [right]: 1 }, byWidth);
  take(3, { [top]: -1, [bottom]: 1 }, byHeight);
  take(4, { [score]: POSE_SCORE_GAIN }, asItIs);
  for (let k = 0; k < KEYPOINTS; k++) {
    take(5 + 3 * k, { [3 * k + 1]: 1 }, byWidth);
    take(6 + 3 * k, { [3 * k]: 1 }, byHeight);
    take(7 + 3 * k, { [3 * k + 2]: 1 }, asItIs);
  }
  const shape = values.add('Cast', [values.add('Shape', [input])], { to: 1 });
  const side = (axis: number): string => values.add('Gather', [shape, values.integers([axis], [])], { axis: 0 });
  const scale = values.add('Add', [
    values.add('Add', [
      values.add('Mul', [values.floats(byHeight), side(1)]),
      values.add('Mul', [values.floats(byWidth), side(2)]),
    ]),
    values.floats(asItIs),
  ]);
  const sorted = values.add('MatMul', [poses, values.floats(order, [POSE_VALUES, POSE_VALUES])]);
  const rows = values.add('Mul', [sorted, scale]);
  const value = values.add('Pad', [rows, values.integers([0, 0, 0, 0, POSE_ROWS - POSES, 0])]);
  return [{ name: 'poses', dims: [1, POSE_ROWS, POSE_VALUES], value }];
};

/** MediaPipe's full-range detector: one anchor for each of 48 × 48 cells; a score, a box and six points. */
const FACE_ANCHORS = 48 * 48;
const FACE_BOX_VALUES = 16;

/** MediaPipe's full-range face detector as its other face detectors are: scores, then boxes and points. */
export const finishFaces: OutputFinisher = (values, results) => {
  const parts = values.integers([1, FACE_BOX_VALUES]);
  const [scores, boxes] = values.addMany('Split', [resultOf(results, 'Identity'), parts], 2, { axis: 2 });
  return [
    { name: 'scores', dims: ['N', FACE_ANCHORS, 1], value: scores! },
    { name: 'boxes', dims: ['N', FACE_ANCHORS, FACE_BOX_VALUES], value: boxes! },
  ];
};

/** NanoDet 416×416: cells of three strides, 80 classes, each side as a distribution over 11 distances. */
const NANODET_LEVELS = [
  { side: 52, stride: 8, scores: 'Identity', boxes: 'Identity_3' },
  { side: 26, stride: 16, scores: 'Identity_1', boxes: 'Identity_4' },
  { side: 13, stride: 32, scores: 'Identity_2', boxes: 'Identity_5' },
] as const;
const DISTANCES = 11;
/** From the distances of left, top, right and bottom edge to middle and size, and what each cell adds to them. */
const EDGES_TO_BOX = Float32Array.from([-0.5, 0, 1, 0, 0, -0.5, 0, 1, 0.5, 0, 1, 0, 0, 0.5, 0, 1]);

/**
 * NanoDet as YOLOv8 is exported: [1, anchors, 5], middle, size and score of people (class 0), pixels of the input.
 *
 * Source: X. Li et al., “Generalized Focal Loss”, 2020, for the distributions; NanoDet's `nanodet_head.py`.
 */
export const finishBoxes: OutputFinisher = (values, results) => {
  const steps = values.floats(
    Float32Array.from({ length: DISTANCES }, (_, i) => i),
    [DISTANCES, 1],
  );
  const toBox = values.floats(EDGES_TO_BOX, [4, 4]);
  const levels = NANODET_LEVELS.map(({ side, stride, scores, boxes }) => {
    const cells = side * side;
    const bins = values.add('Reshape', [resultOf(results, boxes), values.integers([1, cells, 4, DISTANCES])]);
    const expected = values.add('MatMul', [values.add('Softmax', [bins], { axis: -1 }), steps]);
    const edges = values.add('Reshape', [expected, values.integers([1, cells, 4])]);
    const middles = new Float32Array(4 * cells);
    for (let cell = 0; cell < cells; cell++) {
      middles[4 * cell] = ((cell % side) + 0.5) * stride;
      middles[4 * cell + 1] = (Math.floor(cell / side) + 0.5) * stride;
    }
    const inPixels = values.add('Mul', [edges, values.floats(Float32Array.of(stride), [])]);
    const box = values.add('Add', [values.add('MatMul', [inPixels, toBox]), values.floats(middles, [1, cells, 4])]);
    const [first, end, axis] = [values.integers([0]), values.integers([1]), values.integers([2])];
    return values.add('Concat', [box, values.add('Slice', [resultOf(results, scores), first, end, axis])], { axis: 2 });
  });
  const anchors = NANODET_LEVELS.reduce((sum, { side }) => sum + side * side, 0);
  return [{ name: 'people', dims: [1, anchors, 5], value: values.add('Concat', levels, { axis: 1 }) }];
};

function resultOf(results: ReadonlyMap<string, string>, reference: string): string {
  const value = results.get(reference);
  if (value !== undefined) return value;
  throw new DiptychError('DIPTYCH_E_MODEL', `the graph is another than expected: it has no result ${reference}`);
}
