import { describe, expect, it } from 'vitest';
import { findConstants } from '#src/stream/models/conversion/own-convolutions/graph-constants.js';
import { inferShapes } from '#src/stream/models/conversion/own-convolutions/value-shapes.js';
import { operatorSetOf } from '#src/stream/onnx/onnx-graph.js';
import type { OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import { integers, networkOf, node, type Network } from './convolution-fixture.js';

const SCALES = { name: 'scales', dims: [4], floats: Float32Array.of(1, 1, 2, 0.5) };
const CONSTANTS = [
  SCALES,
  integers('sizes', [2, 4, 5, 6]),
  integers('parts', [1, 3]),
  integers('more', [0, 2, 1, 1, 0, 0, 1, 1]),
];

/** Shape of the value `y`. */
function shapeOf(nodes: readonly OnnxNode[], shape: Network['shape'] = ['batch', 4, 8, 9]) {
  const model = networkOf({ nodes, constants: CONSTANTS, shape });
  return inferShapes(model.graph, findConstants(model.graph), operatorSetOf(model)).get('y');
}

describe('the shape of a value', () => {
  it.each<{ nodes: OnnxNode; shape: readonly (number | string)[] | undefined }>([
    { nodes: node('Relu', 'x', 'y'), shape: ['batch', 4, 8, 9] },
    { nodes: node('Add', 'x scalar', 'y'), shape: ['batch', 4, 8, 9] },
    { nodes: node('Mul', 'column x', 'y'), shape: ['batch', 4, 8, 9] },
    { nodes: node('Conv', 'x w3', 'y', { strides: [2, 1], pads: [1, 0, 1, 0] }), shape: ['batch', 4, 4, 7] },
    { nodes: node('Conv', 'x x', 'y'), shape: undefined },
    { nodes: node('MaxPool', 'x', 'y', { kernel_shape: [2, 2], strides: [2, 2] }), shape: ['batch', 4, 4, 4] },
    { nodes: node('AveragePool', 'x', 'y', { kernel_shape: [2, 2], ceil_mode: 1 }), shape: undefined },
    { nodes: node('Concat', 'x x x', 'y', { axis: 1 }), shape: ['batch', 12, 8, 9] },
    { nodes: node('Concat', 'x x', 'y', { axis: -1 }), shape: ['batch', 4, 8, 18] },
    { nodes: node('Concat', 'x unknown', 'y', { axis: 1 }), shape: undefined },
    { nodes: { ...node('Split', 'x', 'y', { axis: 1 }), outputs: ['y', 'z'] }, shape: ['batch', 2, 8, 9] },
    { nodes: { ...node('Split', 'x parts', 'z', { axis: 1 }), outputs: ['z', 'y'] }, shape: ['batch', 3, 8, 9] },
    { nodes: { ...node('Split', 'x', 'y', { axis: 3 }), outputs: ['y', 'z'] }, shape: undefined },
    { nodes: node('Transpose', 'x', 'y', { perm: [0, 2, 3, 1] }), shape: ['batch', 8, 9, 4] },
    { nodes: node('Transpose', 'x', 'y'), shape: [9, 8, 4, 'batch'] },
    { nodes: node('Pad', 'x more', 'y'), shape: ['batch', 6, 10, 11] },
    { nodes: node('Pad', 'x unknown', 'y'), shape: undefined },
    { nodes: { ...node('Resize', '', 'y'), inputs: ['x', '', 'scales'] }, shape: ['batch', 4, 16, 4] },
    { nodes: { ...node('Resize', '', 'y'), inputs: ['x', '', '', 'sizes'] }, shape: [2, 4, 5, 6] },
    { nodes: { ...node('Resize', '', 'y'), inputs: ['x', '', '', 'unknown'] }, shape: undefined },
    { nodes: node('ConstantOfShape', 'sizes', 'y'), shape: [2, 4, 5, 6] },
    { nodes: node('Mystery', 'x', 'y'), shape: undefined },
  ])('behind $nodes.operator of $nodes.inputs, $nodes.attributes', ({ nodes, shape }) => {
    expect(shapeOf([nodes])).toEqual(shape);
  });

  it('is the same text for the same size that is only known at run time', () => {
    const halved = (output: string) => node('Conv', 'x w3', output, { strides: [2, 2], pads: [1, 1, 1, 1] });
    const inputShape = ['batch', 4, 'height', 'width'];

    const [first, second, other] = [
      shapeOf([halved('y')], inputShape),
      shapeOf([node('Relu', 'x', 'r'), { ...halved('y'), inputs: ['r', 'w3'] }], inputShape),
      shapeOf([node('MaxPool', 'x', 'y', { kernel_shape: [2, 2], strides: [2, 2] })], inputShape),
    ];

    expect(second).toEqual(first);
    expect(first).toEqual(['batch', 4, expect.stringContaining('height'), expect.stringContaining('width')]);
    expect(other).not.toEqual(first);
  });

  it('beside one that is not known has only sizes that it must have', () => {
    const nodes = [node('Mystery', 'x', 'm'), node('Add', 'x m', 'y')];

    // One picture may be added to many, and many to one.
    expect(shapeOf(nodes)).toEqual(['y[0]', 4, 8, 9]);
    expect(shapeOf(nodes, ['batch', 1, 8, 9])).toEqual(['y[0]', 'y[1]', 8, 9]);
  });

  it('of an input without sizes is that of no other', () => {
    expect(shapeOf([node('Relu', 'x', 'y')], [0, 4, 8, 8])).toEqual(['x[0]', 4, 8, 8]);
    expect(shapeOf([node('Add', 'x other', 'y')], ['batch', 4, 8, 8])).toEqual(['y[0]', 4, 8, 8]);
  });
});
