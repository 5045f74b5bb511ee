import { describe, expect, it } from 'vitest';
import { useOwnConvolutions } from '#src/stream/models/conversion/own-convolutions/own-convolutions.js';
import type { OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import { choiceNode, fixture } from '../../../onnx/onnx-fixture.js';
import {
  CHANNELS,
  CONV,
  DEPTHWISE,
  integers,
  networkOf,
  node,
  rewritten,
  SHAPE,
  type Network,
} from './convolution-fixture.js';

describe('what is computed with a convolution', () => {
  it.each<{ what: string; nodes: readonly OnnxNode[]; inputs?: string; ending: string }>([
    { what: 'Relu', nodes: [node('Relu', 'c', 'y')], ending: '1 0' },
    {
      what: 'LeakyRelu',
      nodes: [node('LeakyRelu', 'c', 'y', { alpha: { float: 0.5 } })],
      inputs: 'y/slope',
      ending: '3 0',
    },
    { what: 'PRelu by channel', nodes: [node('PRelu', 'c channel', 'y')], inputs: 'y/slope', ending: '3 0' },
    { what: 'PRelu by one number', nodes: [node('PRelu', 'c scalar', 'y')], inputs: 'y/slope', ending: '3 0' },
    { what: 'Clip from 0 to 6', nodes: [node('Clip', 'c zero six', 'y')], ending: '4 0' },
    { what: 'x · Sigmoid(x)', nodes: [node('Sigmoid', 'c', 's'), node('Mul', 'c s', 'y')], ending: '2 0' },
    { what: 'Sigmoid(x) · x', nodes: [node('Sigmoid', 'c', 's'), node('Mul', 's c', 'y')], ending: '2 0' },
    { what: 'a bias by channel', nodes: [node('Add', 'c channel', 'y')], ending: '0 0' },
    { what: 'a bias by channel in front', nodes: [node('Add', 'short c', 'y')], ending: '0 0' },
    { what: 'a bias for all channels', nodes: [node('Add', 'c scalar', 'y')], ending: '0 0' },
    { what: 'two biases', nodes: [node('Add', 'c scalar', 'a'), node('Add', 'a short', 'y')], ending: '0 0' },
    { what: 'a bias and Relu', nodes: [node('Add', 'c channel', 'a'), node('Relu', 'a', 'y')], ending: '1 0' },
    { what: 'what is added', nodes: [node('Add', 'c x', 'y')], inputs: ' x', ending: '0 1' },
    {
      what: 'what is added before Relu',
      nodes: [node('Add', 'x c', 'a'), node('Relu', 'a', 'y')],
      inputs: ' x',
      ending: '1 1',
    },
    {
      what: 'what is added after Relu',
      nodes: [node('Relu', 'c', 'a'), node('Add', 'a x', 'y')],
      inputs: ' x',
      ending: '1 2',
    },
  ])('is $what', ({ nodes, inputs = '', ending }) => {
    expect(rewritten(networkOf({ nodes: [CONV, ...nodes] }))).toEqual([
      `DirectConv32 x each y/bias${inputs && ` ${inputs}`} → y [3 3 1 1 1 1 1 1 4 ${ending}]`,
    ]);
  });

  it('adds biases up, and spreads what is for all channels', () => {
    const nodes = [
      node('Conv', 'x each bias', 'c', { group: CHANNELS }),
      node('Add', 'c channel', 'a'),
      node('Add', 'a scalar', 'b'),
      node('LeakyRelu', 'b', 'y'),
    ];
    const model = networkOf({ nodes });

    useOwnConvolutions(model);

    const numbers = (name: string) => {
      const { rawData } = model.graph.initializer.find((tensor) => tensor.name === name)!;
      return [...new Float32Array(rawData.slice().buffer)];
    };
    expect(numbers('y/bias')).toEqual(Array(CHANNELS).fill(2 + 3 + 5));
    expect(numbers('y/slope')).toEqual(Array(CHANNELS).fill(Math.fround(0.01)));
  });

  it.each<{ what: string; nodes: readonly OnnxNode[]; more?: Partial<Network>; rest: readonly string[] }>([
    {
      what: 'is looked at by the caller',
      nodes: [node('Relu', 'c', 'y')],
      more: { furtherOutputs: [{ name: 'c', dims: SHAPE }] },
      rest: ['Relu c → y'],
    },
    {
      what: 'somebody else takes, too',
      nodes: [node('Relu', 'c', 'r'), node('Add', 'c r', 'y')],
      rest: ['Relu c → r', 'Add c r → y'],
    },
    { what: 'is added to itself', nodes: [node('Add', 'c c', 'y')], rest: ['Add c c → y'] },
    { what: 'is of another height', nodes: [node('Add', 'c column', 'y')], rest: ['Add c column → y'] },
    { what: 'has more numbers than channels', nodes: [node('Add', 'c row', 'y')], rest: ['Add c row → y'] },
    { what: 'is clipped elsewhere', nodes: [node('Clip', 'c zero scalar', 'y')], rest: ['Clip c zero scalar → y'] },
    { what: 'is clipped on one side', nodes: [node('Clip', 'c zero', 'y')], rest: ['Clip c zero → y'] },
    { what: 'has slopes by line', nodes: [node('PRelu', 'c column', 'y')], rest: ['PRelu c column → y'] },
    { what: 'has slopes that are computed', nodes: [node('PRelu', 'c x', 'y')], rest: ['PRelu c x → y'] },
    { what: 'is a slope', nodes: [node('PRelu', 'x c', 'y')], rest: ['PRelu x c → y'] },
    {
      what: 'is only gated by half',
      nodes: [node('Sigmoid', 'c', 's'), node('Mul', 's x', 'y'), node('Neg', 'c', 'n')],
      rest: ['Sigmoid c → s', 'Mul s x → y', 'Neg c → n'],
    },
    {
      what: 'has a gate that others take',
      nodes: [node('Sigmoid', 'c', 's'), node('Mul', 'c s', 'm'), node('Add', 's m', 'y')],
      rest: ['Sigmoid c → s', 'Mul c s → m', 'Add s m → y'],
    },
    {
      what: 'is of unknown shape',
      nodes: [node('Mystery', 'x', 'm'), node('Add', 'c m', 'y')],
      rest: ['Mystery x → m', 'Add c m → y'],
    },
    {
      what: 'is one for a picture',
      nodes: [node('ReduceMax', 'x', 'm'), node('Add', 'c m', 'y')],
      rest: ['ReduceMax x → m', 'Add c m → y'],
    },
  ])('leaves what $what', ({ nodes, more = {}, rest }) => {
    const lines = rewritten(networkOf({ nodes: [CONV, ...nodes], ...more }));

    expect(lines[0]).toMatch(/^DirectConv32 x each c\/bias → c \[/);
    expect(lines.slice(1)).toEqual(rest);
  });

  it('adds nothing whose batch is another', () => {
    const nodes = [node('Conv', 'x each', 'c', { group: CHANNELS, pads: [1, 1, 1, 1] }), node('Add', 'c one', 'y')];
    const filled = node('ConstantOfShape', 'sizes', 'one');

    const lines = rewritten(
      networkOf({ nodes: [filled, ...nodes], constants: [integers('sizes', [1, CHANNELS, 8, 8])] }),
    );

    expect(lines.at(-1)).toBe('Add c one → y');
  });

  it('stands where what is added is there', () => {
    const nodes = [
      DEPTHWISE,
      node('Conv', 'x each', 'c', { group: CHANNELS, pads: [1, 1, 1, 1] }),
      node('Relu', 'c', 'r'),
      node('Add', 'd r', 'y'),
    ];

    // The first one takes what the second gives, so it has to come behind it.
    expect(rewritten(networkOf({ nodes }))).toEqual([
      'DirectConv32 x each r/bias → r [3 3 1 1 1 1 1 1 4 1 0]',
      'DirectConv32 x each y/bias  r → y [3 3 1 1 1 1 1 1 4 0 1]',
    ]);
  });

  it('leaves what a graph within a node takes', () => {
    const model = networkOf({ nodes: [DEPTHWISE, node('Relu', 'd', 'r')] });
    const { graph } = model;
    graph.node.push(
      ...fixture({
        nodes: [],
        rawNodes: [choiceNode('on', 'd', 'y')],
        input: { name: 'x', dims: [] },
        output: { name: 'y', dims: [] },
      }).graph.node,
    );

    expect(rewritten(model)).toEqual([
      'DirectConv32 x each d/bias → d [3 3 1 1 1 1 1 1 4 0 0]',
      'Relu d → r',
      'If on → y',
    ]);
  });
});
