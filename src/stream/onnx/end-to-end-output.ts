import { DiptychError } from '../../shared/domain/errors.js';
import { extendModel, type OnnxConstant, type OnnxNode } from './onnx-builder.js';
import type { OnnxModel } from './onnx-file.js';
import { allowUnlistedConstants, operatorSetOf } from './onnx-graph.js';

/** Two corners, score and class. */
const ROW_VALUES = 6;
const KEYPOINT_VALUES = 3;
/** Of a body, of a face, none. */
const KEYPOINTS = [17, 5, 0];
/** Exports have 300 rows, unless they are made otherwise; those with an anchor a row have more than a thousand. */
const MOST_ROWS = 1000;
/** No picture has so many anchors: they are 21 for each 32 × 32 pixels. */
const USUAL_ROWS = 300;
/** The first one in which operators are as they are used here: `Slice` takes where it begins as values. */
const LEAST_OPERATOR_SET = 10;

/**
 * How many keypoints each detection has where a network gives detections that are finished, as YOLO26 and YOLOv10 are
 * exported: [1, rows, 6 + 3 × keypoints], each row left, top, right, bottom, score, class, then x, y and score of the
 * keypoints, in pixels of the input. `undefined` where the shape is another.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` for rows of 300 detections that have something else, such as masks.
 *
 * Source: Ultralytics, “End-to-end detection in YOLO26”, outputs (N, 300, 6) and (N, 300, 57).
 */
export function endToEndKeypoints(outputs: readonly (readonly number[])[]): number | undefined {
  const [dims = []] = outputs;
  const [, rows = 0, values = 0] = dims;
  if (outputs.length !== 1 || dims.length !== 3 || rows > MOST_ROWS) return undefined;
  const found = KEYPOINTS.find((keypoints) => values === ROW_VALUES + KEYPOINT_VALUES * keypoints);
  if (found === undefined && rows === USUAL_ROWS) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the network gives ${rows} finished detections of ${values} numbers each; 6 (boxes), 21 or 57 (with 5 or 17 keypoints) can be read: take its detection or pose export`,
    );
  }
  return found;
}

/**
 * Gives a network with finished detections the output of a YOLOv8 export with one class, in place: [1, rows,
 * 5 + 3 × keypoints], each row middle, size, score, then the keypoints. What is not of class 0 has the score 0.
 *
 * @param dims - of the output, as {@link endToEndKeypoints} takes it
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file is too old for that.
 */
export function readAsYolov8(model: OnnxModel, dims: readonly number[]): void {
  if (operatorSetOf(model) < LEAST_OPERATOR_SET) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the network is of ONNX's operator set ${operatorSetOf(model)}; export it with ${LEAST_OPERATOR_SET} or later`,
    );
  }
  const [, rows = 0, values = 0] = dims;
  const constants: OnnxConstant[] = [];
  const nodes: OnnxNode[] = [];
  const named = (name: string): string => `diptych/${name}`;
  const integer = (name: string, value: number): string => {
    constants.push({ name: named(name), dims: [1], integers: [value] });
    return named(name);
  };
  const add = (name: string, operator: string, inputs: readonly string[], attributes = {}): string => {
    nodes.push({ operator, inputs, outputs: [named(name)], attributes });
    return named(name);
  };
  const from = model.graph.output[0]!.name;
  const axis = integer('axis', 2);
  const columns = (name: string, first: number, end: number): string =>
    add(name, 'Slice', [from, integer(`${name}/first`, first), integer(`${name}/end`, end), axis]);
  constants.push({ name: named('half'), dims: [1], floats: Float32Array.of(0.5) });
  const half = named('half');
  const [first, second] = [columns('left-top', 0, 2), columns('right-bottom', 2, 4)];
  const middle = add('middle', 'Mul', [add('sum', 'Add', [first, second]), half]);
  const size = add('size', 'Sub', [second, first]);
  const isFirst = add('is-first', 'Cast', [add('below', 'Less', [columns('class', 5, 6), half])], { to: 1 });
  const score = add('score', 'Mul', [columns('any-score', 4, 5), isFirst]);
  const points = values > ROW_VALUES ? [columns('keypoints', ROW_VALUES, values)] : [];
  const value = add('people', 'Concat', [middle, size, score, ...points], { axis: 2 });
  allowUnlistedConstants(model);
  extendModel(model, { nodes, constants, outputs: [{ name: value, dims: ['batch', rows, values - 1] }] });
}
