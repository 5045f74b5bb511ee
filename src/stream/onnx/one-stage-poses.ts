import { DiptychError } from '../../shared/domain/errors.js';
import { extendModel, type OnnxConstant, type OnnxNode } from './onnx-builder.js';
import { allowUnlistedConstants, operatorSetOf } from './onnx-graph.js';
import type { OnnxModel } from './onnx-file.js';
import type { NamedShape } from './simcc-output.js';

/** Left, top, right, bottom, score. */
const BOX_VALUES = 5;
const KEYPOINTS = 17;
const POINT_VALUES = 3;
/** Rows of what is read, of as many people as there are; more than the numbers of a row, by which the decoder tells them. */
const ROWS = 300;
/** The first one in which `Pad` takes its sizes as values. */
const LEAST_OPERATOR_SET = 11;

/** The outputs of a network that finds people with keypoints in one go. */
export interface OneStageOutputs {
  /** Name of the output [1, people, 5]. */
  readonly boxes: string;
  /** Name of the output [1, people, 17, 3]. */
  readonly keypoints: string;
}

/** How pixels go into such networks, where nobody says otherwise: 0 … 255, blue first. */
export const ONE_STAGE_PIXELS = { channels: 'BGR', mean: 0, scale: 1 } as const;

/**
 * Which outputs are those of a network that finds people with keypoints and suppresses repeated ones itself (RTMO, as
 * MMDeploy exports it: `dets` and `keypoints`). `undefined` for any other network.
 *
 * Source: P. Lu et al., “RTMO: Towards High-Performance One-Stage Real-Time Multi-Person Pose Estimation”, 2023.
 */
export function findOneStagePoses(outputs: readonly NamedShape[]): OneStageOutputs | undefined {
  const boxes = outputs.find(({ dims }) => dims.length === 3 && dims[2] === BOX_VALUES);
  const keypoints = outputs.find(({ dims }) => dims.length === 4 && dims[2] === KEYPOINTS && dims[3] === POINT_VALUES);
  if (outputs.length !== 2 || !boxes || !keypoints || boxes.dims[1] !== keypoints.dims[1]) return undefined;
  return { boxes: boxes.name, keypoints: keypoints.name };
}

/**
 * Gives such a network the output of a YOLOv8-pose export with one class, in place: [batch, 300, 56], each row middle,
 * size, score, then x, y and score of the keypoints; rows of nobody are zeros.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file is too old for that.
 */
export function readPosesAsYolov8(model: OnnxModel, { boxes, keypoints }: OneStageOutputs): void {
  if (operatorSetOf(model) < LEAST_OPERATOR_SET) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the network is of ONNX's operator set ${operatorSetOf(model)}; export it with ${LEAST_OPERATOR_SET} or later`,
    );
  }
  const constants: OnnxConstant[] = [];
  const nodes: OnnxNode[] = [];
  const named = (name: string): string => `diptych/${name}`;
  const integers = (name: string, values: readonly number[]): string => {
    constants.push({ name: named(name), dims: [values.length], integers: values });
    return named(name);
  };
  const add = (name: string, operator: string, inputs: readonly string[], attributes = {}): string => {
    nodes.push({ operator, inputs, outputs: [named(name)], attributes });
    return named(name);
  };
  constants.push({ name: named('half'), dims: [1], floats: Float32Array.of(0.5) });
  const rowAxis = integers('row-axis', [1]);
  const valueAxis = integers('value-axis', [2]);
  const columns = (name: string, first: number, end: number): string =>
    add(name, 'Slice', [boxes, integers(`${name}/first`, [first]), integers(`${name}/end`, [end]), valueAxis]);
  const [leftTop, rightBottom] = [columns('left-top', 0, 2), columns('right-bottom', 2, 4)];
  const middle = add('middle', 'Mul', [add('sum', 'Add', [leftTop, rightBottom]), named('half')]);
  const size = add('size', 'Sub', [rightBottom, leftTop]);
  // 0 keeps a length, also that of nobody.
  const points = add('points', 'Reshape', [keypoints, integers('flat', [0, 0, KEYPOINTS * POINT_VALUES])]);
  const people = add('people', 'Concat', [middle, size, columns('score', 4, 5), points], { axis: 2 });
  const padded = add('padded', 'Pad', [people, integers('behind', [0, 0, 0, 0, ROWS, 0])]);
  const value = add('rows', 'Slice', [padded, integers('none', [0]), integers('all', [ROWS]), rowAxis]);
  allowUnlistedConstants(model);
  const values = BOX_VALUES + KEYPOINTS * POINT_VALUES;
  extendModel(model, { nodes, constants, outputs: [{ name: value, dims: ['batch', ROWS, values] }] });
}
