import { useOwnConvolutions } from '#src/stream/models/conversion/own-convolutions/own-convolutions.js';
import type { OnnxConstant, OnnxNode, OnnxValue } from '#src/stream/onnx/onnx-builder.js';
import type { OnnxModel } from '#src/stream/onnx/onnx-file.js';
import { attributeOf } from '#src/stream/onnx/onnx-graph.js';
import { copyOf, fixture, nodesOf, type Fixture } from '../../../onnx/onnx-fixture.js';

export const CHANNELS = 4;
export const SHAPE = ['batch', CHANNELS, 8, 8];

export const floats = (name: string, dims: readonly number[], value = 1): OnnxConstant => ({
  ...{ name, dims },
  floats: new Float32Array(dims.reduce((product, side) => product * side, 1)).fill(value),
});
export const integers = (name: string, list: readonly number[]): OnnxConstant => ({
  ...{ name, dims: [list.length] },
  integers: list,
});
export const node = (
  operator: string,
  inputs: string,
  output: string,
  attributes?: OnnxNode['attributes'],
): OnnxNode => ({
  ...{ operator, inputs: inputs.split(' '), outputs: [output] },
  ...(attributes && { attributes }),
});

const CONSTANTS = [
  floats('w1', [CHANNELS, CHANNELS, 1, 1]),
  floats('w3', [CHANNELS, CHANNELS, 3, 3]),
  floats('wide', [CHANNELS, CHANNELS, 11, 11]),
  floats('each', [CHANNELS, 1, 3, 3]),
  floats('line', [CHANNELS, CHANNELS, 3]),
  floats('bias', [CHANNELS], 2),
  floats('channel', [1, CHANNELS, 1, 1], 3),
  floats('short', [CHANNELS, 1, 1], 4),
  floats('scalar', [], 5),
  floats('column', [1, 1, 8, 1], 6),
  floats('row', [CHANNELS * 2], 7),
  floats('zero', [], 0),
  floats('six', [], 6),
  integers('around', [0, 0, 1, 2, 0, 0, 3, 4]),
  integers('beside', [0, 1, 0, 0, 0, 1, 0, 0]),
  integers('within', [0, 0, -1, 0, 0, 0, 0, 0]),
  integers('axes', [0, 1, 2, 3]),
];

/** A depthwise convolution behind the others keeps a network of 32 bits one that is replaced. */
export interface Network extends Partial<Omit<Fixture, 'nodes' | 'constants'>> {
  readonly nodes: readonly OnnxNode[];
  readonly constants?: readonly OnnxConstant[];
  readonly shape?: OnnxValue['dims'];
}

export function networkOf({ nodes, constants = [], shape = SHAPE, ...rest }: Network): OnnxModel {
  return fixture({
    nodes,
    constants: [...CONSTANTS, ...constants],
    input: { name: 'x', dims: shape },
    output: { name: 'y', dims: SHAPE },
    ...rest,
  });
}

/** The nodes after the rewriting, with the numbers of `geometry` behind those that have it. */
export function rewritten(model: OnnxModel): readonly string[] {
  useOwnConvolutions(model);
  const again = copyOf(model);
  const lines = nodesOf(again);
  return again.graph.node.map((each, i) => {
    const geometry = attributeOf(each, 'geometry')?.ints.map(Number);
    return lines[i]! + (geometry ? ` [${geometry.join(' ')}]` : '');
  });
}

export const initializers = ({ graph }: OnnxModel): readonly string[] =>
  graph.initializer.map(({ name }) => name).sort();

/** Convolutions of `x` that keep its size: `c` and `d`. */
export const CONV = node('Conv', 'x each', 'c', { group: CHANNELS, pads: [1, 1, 1, 1] });
export const DEPTHWISE = node('Conv', 'x each', 'd', { group: CHANNELS, pads: [1, 1, 1, 1] });
