import { describe, expect, it } from 'vitest';
import { convertToFp16 } from '#src/stream/models/conversion/fp16-conversion.js';
import { useOwnConvolutions } from '#src/stream/models/conversion/own-convolutions/own-convolutions.js';
import type { OnnxNode, OnnxValue } from '#src/stream/onnx/onnx-builder.js';
import { ELEMENT_TYPE } from '#src/stream/onnx/onnx-tensor.js';
import { constantNode, nodesOf } from '../../../onnx/onnx-fixture.js';
import {
  CHANNELS,
  DEPTHWISE,
  floats,
  initializers,
  networkOf,
  node,
  rewritten,
  type Network,
} from './convolution-fixture.js';

/** The same in 16 bits, without the casts at both ends. */
function rewritten16(network: Network): readonly string[] {
  const model = networkOf(network);
  convertToFp16(model);
  return rewritten(model).filter((line) => !line.startsWith('Cast'));
}

describe('what a convolution becomes', () => {
  it('is a dense one where it has 16 bits and one group', () => {
    expect(rewritten16({ nodes: [node('Conv', 'x w3 bias', 'y', { pads: [1, 2, 3, 4], strides: [2, 1] })] })).toEqual([
      'DenseConv x_fp16 w3/dense y_fp16/bias → y_fp16 [3 3 2 1 1 2 3 4 1 0 0]',
    ]);
  });

  it.each([
    {
      what: 'groups',
      conv: node('Conv', 'x each', 'y', { group: CHANNELS }),
      by: 'each',
      geometry: '3 3 1 1 0 0 0 0 4',
    },
    {
      what: 'a window that is too large',
      conv: node('Conv', 'x wide', 'y'),
      by: 'wide',
      geometry: '11 11 1 1 0 0 0 0 1',
    },
  ])('is a direct one of 16 bits where it has $what', ({ conv, by, geometry }) => {
    expect(rewritten16({ nodes: [conv] })).toEqual([
      `DirectConv16 x_fp16 ${by} y_fp16/bias → y_fp16 [${geometry} 0 0]`,
    ]);
  });

  it('is a direct one of 32 bits in a small network of depthwise ones', () => {
    const model = networkOf({ nodes: [node('Conv', 'x each', 'y', { group: CHANNELS })] });

    expect(rewritten(model)).toEqual(['DirectConv32 x each y/bias → y [3 3 1 1 0 0 0 0 4 0 0]']);
    expect(initializers(model)).toEqual(['each', 'y/bias']);
    expect(model.opsetImport.map(({ domain, version }) => `${domain} ${version}`)).toContain('diptych 1');
    expect(model.graph.node[0]!.domain).toBe('diptych');
  });

  it('says what was done', () => {
    const nodes = [node('Conv', 'x each', 'a', { group: CHANNELS }), node('Conv', 'a x', 'y')];

    expect(useOwnConvolutions(networkOf({ nodes: nodes.slice(0, 1) }))).toEqual({
      ...{ replaced: 1, operators: { DirectConv32: 1 }, left: {} },
    });
    expect(useOwnConvolutions(networkOf({ nodes }))).toEqual({
      ...{ replaced: 0, operators: {} },
      left: { 'computed weights': 1, '32 bits, and others of the network need cuDNN': 1 },
    });
  });

  it('has weights with the channels innermost, zeros up to sixteen, once for all that use them', () => {
    const weights = { name: 'own', dims: [1, 2, 2, 2], floats: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const shape = ['batch', 2, 8, 8];
    const nodes = [node('Conv', 'x own', 'a'), node('Conv', 'x own', 'b'), node('Add', 'a b', 'y')];
    const model = networkOf({ nodes, constants: [weights], shape });
    convertToFp16(model);

    useOwnConvolutions(model);

    const dense = model.graph.initializer.find(({ name }) => name === 'own/dense')!;
    expect([dense.dims, dense.dataType]).toEqual([[1n, 64n], ELEMENT_TYPE.float16]);
    // Of whole numbers up to 8 the 16-bit floats have these upper bytes.
    const upper = [...dense.rawData].filter((_, i) => i % 2 === 1);
    const one = (first: number, second: number) => [first, second, ...Array<number>(14).fill(0)];
    expect(upper).toEqual([...one(0x3c, 0x45), ...one(0x40, 0x46), ...one(0x42, 0x47), ...one(0x44, 0x48)]);
    expect(model.graph.node.filter(({ input }) => input[1] === 'own/dense')).toHaveLength(2);
  });
});

describe('padding in front', () => {
  const padded = (inputs: string, attributes?: OnnxNode['attributes']) => [
    node('Pad', inputs, 'p', attributes),
    node('Conv', 'p each', 'y', { group: CHANNELS, pads: [1, 1, 1, 1] }),
  ];

  it.each([
    ['without a number', 'x around'],
    ['of zeros', 'x around zero'],
  ])('is done with the convolution: %s', (_, inputs) => {
    const model = networkOf({ nodes: padded(inputs) });

    expect(rewritten(model)).toEqual(['DirectConv32 x each y/bias → y [3 3 1 1 2 3 4 5 4 0 0]']);
    expect(initializers(model)).toEqual(['each', 'y/bias']);
  });

  it.each([
    ['around channels', padded('x beside')],
    ['that cuts off', padded('x within')],
    ['of another number', padded('x around six')],
    ['whose number is computed', padded('x around x')],
    ['along axes that are named', padded('x around zero axes')],
    ['that mirrors', padded('x around', { mode: 'reflect' })],
    ['of sizes that are computed', padded('x x')],
    ['that others take', [...padded('x around'), node('Relu', 'p', 'r')]],
  ])('stays in front of it where it is one %s', (_, nodes) => {
    const lines = rewritten(networkOf({ nodes }));

    expect(lines[0]).toMatch(/^Pad/);
    expect(lines[1]).toBe('DirectConv32 p each y/bias → y [3 3 1 1 1 1 1 1 4 0 0]');
  });

  it.each([
    { mode: 'SAME_UPPER', strides: [1, 1], side: 'height', pads: '1 1 1 1' },
    { mode: 'SAME_UPPER', strides: [2, 2], side: 8, pads: '0 0 1 1' },
    { mode: 'SAME_LOWER', strides: [2, 2], side: 8, pads: '1 1 0 0' },
    { mode: 'SAME_LOWER', strides: [2, 2], side: 7, pads: '1 1 1 1' },
    { mode: 'VALID', strides: [2, 2], side: 'height', pads: '0 0 0 0' },
  ])('is counted as ONNX does: $mode, strides $strides, side $side', ({ mode, strides, side, pads }) => {
    const nodes = [node('Conv', 'x each', 'y', { auto_pad: mode, strides, group: CHANNELS })];

    expect(rewritten(networkOf({ nodes, shape: ['batch', CHANNELS, side, side] }))).toEqual([
      `DirectConv32 x each y/bias → y [3 3 ${strides.join(' ')} ${pads} 4 0 0]`,
    ]);
  });
});

describe('what stays as it is', () => {
  it.each<{ what: string; nodes: readonly OnnxNode[]; shape?: OnnxValue['dims'] }>([
    { what: 'weights that are computed', nodes: [node('Conv', 'x x', 'y')] },
    { what: 'a bias that is computed', nodes: [node('Conv', 'x w1 x', 'y')] },
    { what: 'a bias of another length', nodes: [node('Conv', 'x w1 row', 'y')] },
    { what: 'one dimension', nodes: [node('Conv', 'x line', 'y')] },
    { what: 'gaps', nodes: [node('Conv', 'x w3', 'y', { dilations: [2, 2] })] },
    { what: 'negative padding', nodes: [node('Conv', 'x w3', 'y', { pads: [-1, 0, 0, 0] })] },
    {
      what: 'padding that depends on an unknown size',
      nodes: [node('Conv', 'x w3', 'y', { auto_pad: 'SAME_UPPER', strides: [2, 2] })],
      shape: ['batch', CHANNELS, 'height', 'width'],
    },
  ])('is one with $what, in 16 bits and in 32', ({ nodes, ...more }) => {
    const half = networkOf({ nodes, ...more });
    convertToFp16(half);
    const before = [half, networkOf({ nodes, ...more }), networkOf({ nodes: [DEPTHWISE, ...nodes], ...more })];

    for (const model of before) {
      const lines = nodesOf(model);
      expect(useOwnConvolutions(model).replaced).toBe(0);
      expect(nodesOf(model)).toEqual(lines);
      expect(model.opsetImport).toHaveLength(1);
    }
  });

  it('is a network of 32 bits that is not small, or has few depthwise ones, or needs cuDNN for others', () => {
    const large = floats('large', [1024, 1024, 1, 1]);
    const many = Array.from({ length: 4 }, (_, i) => node('Conv', 'x w1', `m${i}`));

    const reports = [
      networkOf({ nodes: [DEPTHWISE, node('Conv', 'x large', 'y')], constants: [large] }),
      networkOf({ nodes: [DEPTHWISE, ...many] }),
      networkOf({ nodes: [DEPTHWISE, node('ConvTranspose', 'x w1', 'y')] }),
    ].map(useOwnConvolutions);

    expect(reports).toEqual([
      { replaced: 0, operators: {}, left: { '32 bits, and the network is large': 2 } },
      { replaced: 0, operators: {}, left: { '32 bits, and few of the network are depthwise': 5 } },
      { replaced: 0, operators: {}, left: { '32 bits, and others of the network need cuDNN': 1 } },
    ]);
  });

  it('is one of another domain', () => {
    const model = networkOf({
      nodes: [],
      rawNodes: [{ opType: 'Conv', domain: 'com.example', input: ['x', 'w1'], output: ['y'] }],
    });

    expect(useOwnConvolutions(model)).toEqual({ replaced: 0, operators: {}, left: {} });
  });
});

it('removes constants that an old file lists as inputs, and reads those that a node gives', () => {
  const nodes = [
    node('Conv', 'x each', 'c', { group: CHANNELS }),
    node('Add', 'c channel', 'a'),
    node('PRelu', 'a given', 'y'),
  ];
  const listed = [
    { name: 'channel', dims: [1, CHANNELS, 1, 1] },
    { name: 'each', dims: [CHANNELS, 1, 3, 3] },
  ];
  const model = networkOf({ nodes, listed, rawNodes: [constantNode('given', [0.5])] });

  expect(rewritten(model)).toEqual(['DirectConv32 x each y/bias y/slope → y [3 3 1 1 0 0 0 0 4 3 0]']);
  expect(model.graph.input.map(({ name }) => name)).toEqual(['x', 'each']);
  expect(model.irVersion).toBe(4n);
});
