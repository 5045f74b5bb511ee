import { describe, expect, it } from 'vitest';
import { convertTfjsGraph } from '#src/stream/onnx/tfjs-converter.js';
import { readTfjsGraph } from '#src/stream/onnx/tfjs-graph.js';
import type { WeightArray } from '#src/stream/onnx/tfjs-weights.js';

const picture = {
  name: 'picture',
  op: 'Placeholder',
  attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [1, -1, -1, 3].map((size) => ({ size: `${size}` })) } } },
};
const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });

/** A graph of `nodes` behind one picture; the last node is the result. */
function convert(nodes: readonly { readonly name: string }[], weights: Record<string, WeightArray> = {}) {
  const constants = Object.keys(weights).map((name) => ({ name, op: 'Const' }));
  const json = JSON.stringify({
    format: 'graph-model',
    signature: { outputs: { result: { name: `${nodes.at(-1)!.name}:0`, tensorShape: {} } } },
    modelTopology: { node: [...nodes, picture, ...constants] },
    weightsManifest: [],
  });
  return convertTfjsGraph('test', readTfjsGraph(json), new Map(Object.entries(weights)));
}

const operatorsOf = ({ nodes }: ReturnType<typeof convert>): readonly string[] => nodes.map(({ operator }) => operator);

const whole = (...values: number[]): WeightArray => ({ shape: [values.length], data: Int32Array.from(values) });

const convolution = (name: string, input: string) => ({
  name,
  op: 'Conv2D',
  input: [input, 'filter'],
  attr: { strides: { list: { i: ['1', '1', '1', '1'] } }, padding: text('SAME'), data_format: text('NHWC') },
});
const filter: WeightArray = { shape: [1, 1, 3, 3], data: new Float32Array(9) };

describe('convertTfjsGraph', () => {
  it('turns a picture round once before and once behind what works on channels', () => {
    const graph = convert(
      [
        convolution('first', 'picture'),
        { name: 'relu', op: 'Relu', input: ['first'] } as never,
        convolution('last', 'relu'),
      ],
      { filter },
    );

    expect(operatorsOf(graph)).toEqual(['Transpose', 'Conv', 'Relu', 'Conv', 'Transpose', 'Identity']);
  });

  it('turns nothing round where the graph itself does so', () => {
    const transpose = (name: string, input: string, perm: string) => ({ name, op: 'Transpose', input: [input, perm] });
    const graph = convert(
      [transpose('plain', 'picture', 'toPlain'), convolution('conv', 'plain'), transpose('planar', 'conv', 'toPlanar')],
      { filter, toPlain: whole(0, 2, 3, 1), toPlanar: whole(0, 3, 1, 2) },
    );

    expect(operatorsOf(graph)).toEqual(['Conv', 'Identity']);
  });

  it('orders nodes by what they read', () => {
    const graph = convert([
      { name: 'end', op: 'Exp', input: ['middle'] } as never,
      { name: 'middle', op: 'Abs', input: ['picture'] } as never,
      { name: 'result', op: 'Identity', input: ['end'] } as never,
    ]);

    expect(operatorsOf(graph)).toEqual(['Abs', 'Exp', 'Identity']);
  });

  it.each([
    ['an unknown operation', [{ name: 'a', op: 'Alchemy', input: ['picture'] }], 'the operation Alchemy of a'],
    ['a node that is missing', [{ name: 'a', op: 'Abs', input: ['b'] }], 'lacks the node b'],
    [
      'a circle',
      [
        { name: 'b', op: 'Abs', input: ['a'] },
        { name: 'a', op: 'Abs', input: ['b'] },
      ],
      'runs in a circle',
    ],
    ['a graph without a picture', [{ name: 'a', op: 'Const' }], '0 inputs'],
    [
      'sides that are computed',
      [{ name: 'a', op: 'ExpandDims', input: ['picture', 'picture'] }],
      'can only be converted if constant',
    ],
    [
      'a slice with an ellipsis',
      [{ name: 'a', op: 'StridedSlice', input: ['picture'], attr: { ellipsis_mask: { i: '1' } } }],
      'with an ellipsis',
    ],
  ])('refuses %s', (_, nodes, message) => {
    expect(() => convert(nodes)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(message) as unknown }),
    );
  });
});

describe('readTfjsGraph', () => {
  it.each([
    ['text that is not JSON', '{', 'not JSON'],
    ['another form', '{"format":"layers-model"}', 'format'],
  ])('refuses %s', (_, json, message) => {
    expect(() => readTfjsGraph(json)).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(message) as unknown }),
    );
  });
});
