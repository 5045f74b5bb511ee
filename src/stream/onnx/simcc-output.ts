import type { Size } from '../../shared/domain/box.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { extendModel, prependNodes, type OnnxConstant, type OnnxNode } from './onnx-builder.js';
import { allowUnlistedConstants, networkInputs, operatorSetOf, shapeOf } from './onnx-graph.js';
import type { OnnxModel } from './onnx-file.js';

/** An output of a network, as a run of it gave it. */
export interface NamedShape {
  /** In the graph. */
  readonly name: string;
  /** Length of each dimension. */
  readonly dims: readonly number[];
}

/** The two outputs of a pose network that classifies coordinates. */
export interface SimccOutputs {
  /** Name of the output with a row of columns for each keypoint. */
  readonly x: string;
  /** Name of the output with a row of lines for each keypoint. */
  readonly y: string;
  /** Bins for each pixel of the input, ≥ 1. */
  readonly splitRatio: number;
  /** Keypoints that the network gives; the first 17 are those of COCO's bodies. */
  readonly keypoints: number;
}

/** How a network wants its pixels: tensor value = (pixel − mean) / std for each channel, pixels 0 … 255. */
export interface ChannelPixels {
  /** Of each channel, in the order in which they go in. */
  readonly mean: readonly [number, number, number];
  /** Of each channel, > 0. */
  readonly std: readonly [number, number, number];
}

/** MMPose's own, of ImageNet, in the order RGB. */
export const IMAGENET_PIXELS: ChannelPixels = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };

/** Body (COCO), body with feet (Halpe), whole body (COCO-WholeBody): the first 17 are the same points in all of them. */
const READABLE_KEYPOINTS: readonly number[] = [17, 26, 133];
const BODY_KEYPOINTS = 17;
const POINT_VALUES = 3;
/** Numbers that are read of each person: x, y and score of 17 keypoints. */
export const POSE_VALUES = BODY_KEYPOINTS * POINT_VALUES;
/** Of MMDeploy's exports. */
const X_NAME = 'simcc_x';
const Y_NAME = 'simcc_y';
/** The first one in which operators are as they are used here: `Slice` and `TopK` take numbers as values. */
const LEAST_OPERATOR_SET = 10;
/** Whole numbers are the middles of pixels where such networks are trained; here they are their edges. */
const PIXEL_MIDDLE = 0.5;

/**
 * Which outputs are those of a pose network that takes one person at a time and classifies coordinates (SimCC:
 * RTMPose, RTMW, DWPose): [1, keypoints, columns] and [1, keypoints, lines], as many for each pixel of the input in
 * both. `undefined` for any other network.
 *
 * @param input - size of the network's input, pixels
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` for such a network with other keypoints, or of another input
 *
 * Source: Y. Li et al., “SimCC: a Simple Coordinate Classification Perspective for Human Pose Estimation”, 2022;
 * T. Jiang et al., “RTMPose: Real-Time Multi-Person Pose Estimation based on MMPose”, 2023.
 */
export function findSimcc(input: Size, outputs: readonly NamedShape[]): SimccOutputs | undefined {
  const [first, second] = outputs;
  if (outputs.length !== 2 || first?.dims.length !== 3 || second?.dims.length !== 3) return undefined;
  const isSwapped = first.name === Y_NAME && second.name === X_NAME;
  const isNamed = isSwapped || (first.name === X_NAME && second.name === Y_NAME);
  const [x, y] = isSwapped ? [second, first] : [first, second];
  const [, keypoints = 0, columns = 0] = x.dims;
  const [, keypointsOfY = 0, lines = 0] = y.dims;
  const splitRatio = columns / input.width;
  const fits = keypoints === keypointsOfY && splitRatio >= 1 && lines / input.height === splitRatio;
  if (!fits && !isNamed) return undefined;
  const shapes = `${x.name} ${x.dims.join('×')} and ${y.name} ${y.dims.join('×')}`;
  if (!fits) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the network gives ${shapes} for an input of ${input.width}×${input.height}; ` +
        'expected as many keypoints in both, and as many numbers for each pixel across as down: export it anew',
    );
  }
  if (!READABLE_KEYPOINTS.includes(keypoints)) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the network gives ${keypoints} keypoints (${shapes}); ` +
        '17 (COCO), 26 (Halpe) and 133 (COCO-WholeBody) can be read: take one that finds the keypoints of bodies',
    );
  }
  return { x: x.name, y: y.name, splitRatio, keypoints };
}

/**
 * Gives a pose network one output in the place of its two, in place: [batch, {@link POSE_VALUES}], for each of the 17
 * keypoints of a body x and y in pixels of the input and the score: the smaller of the two largest numbers, as MMPose
 * takes it. Puts what the network wants of its pixels in front, so that pixels of 0 … 255 go in.
 *
 * @param pixels - absent: they go in as the caller gives them
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file is too old for that.
 */
export function readAsPoses(model: OnnxModel, { x, y, splitRatio }: SimccOutputs, pixels?: ChannelPixels): void {
  if (operatorSetOf(model) < LEAST_OPERATOR_SET) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the network is of ONNX's operator set ${operatorSetOf(model)}; export it with ${LEAST_OPERATOR_SET} or later`,
    );
  }
  allowUnlistedConstants(model);
  const [input] = networkInputs(model.graph);
  const batch = (input && shapeOf(input)?.[0]) ?? 'batch';
  if (pixels) normalise(model, input!.name, pixels);
  const constants: OnnxConstant[] = [];
  const nodes: OnnxNode[] = [];
  const named = (name: string): string => `diptych/${name}`;
  const integers = (name: string, values: readonly number[]): string => {
    constants.push({ name: named(name), dims: [values.length], integers: values });
    return named(name);
  };
  const number = (name: string, value: number): string => {
    constants.push({ name: named(name), dims: [1], floats: Float32Array.of(value) });
    return named(name);
  };
  const add = (name: string, operator: string, inputs: readonly string[], attributes = {}): string => {
    nodes.push({ operator, inputs, outputs: [named(name)], attributes });
    return named(name);
  };
  const [none, body, axis, one] = [
    integers('none', [0]),
    integers('body', [BODY_KEYPOINTS]),
    integers('axis', [1]),
    integers('one', [1]),
  ];
  const [pixelPerBin, middle] = [number('pixel-per-bin', 1 / splitRatio), number('pixel-middle', PIXEL_MIDDLE)];
  const read = (name: string, from: string): readonly [position: string, score: string] => {
    const points = add(`${name}/body`, 'Slice', [from, none, body, axis]);
    const [largest, bins] = [named(`${name}/largest`), named(`${name}/bin`)];
    nodes.push({ operator: 'TopK', inputs: [points, one], outputs: [largest, bins], attributes: { axis: 2 } });
    const bin = add(`${name}/bin-as-float`, 'Cast', [bins], { to: 1 });
    return [add(`${name}/at`, 'Add', [add(`${name}/edge`, 'Mul', [bin, pixelPerBin]), middle]), largest];
  };
  const [across, scoreAcross] = read('x', x);
  const [down, scoreDown] = read('y', y);
  const score = add('score', 'Min', [scoreAcross, scoreDown]);
  const points = add('points', 'Concat', [across, down, score], { axis: 2 });
  const value = add('poses', 'Reshape', [points, integers('row', [-1, POSE_VALUES])]);
  extendModel(model, { nodes, constants, outputs: [{ name: value, dims: [batch, POSE_VALUES] }] });
}

function normalise(model: OnnxModel, input: string, { mean, std }: ChannelPixels): void {
  const [centred, normalised] = ['diptych/centred', 'diptych/normalised'];
  const channels = (name: string, values: readonly number[]): OnnxConstant => ({
    name,
    dims: [1, 3, 1, 1],
    floats: Float32Array.from(values),
  });
  const constants = [
    channels('diptych/mean', mean),
    channels(
      'diptych/scale',
      std.map((each) => 1 / each),
    ),
  ];
  prependNodes(model, {
    nodes: [
      { operator: 'Sub', inputs: [input, 'diptych/mean'], outputs: [centred] },
      { operator: 'Mul', inputs: [centred, 'diptych/scale'], outputs: [normalised] },
    ],
    constants,
    replaced: { [input]: normalised },
  });
}
