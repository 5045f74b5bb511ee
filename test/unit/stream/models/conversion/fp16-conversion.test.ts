import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { convertToFp16 } from '#src/stream/models/conversion/fp16-conversion.js';
import { encodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { elementTypeOf } from '#src/stream/onnx/onnx-graph.js';
import { ELEMENT_TYPE } from '#src/stream/onnx/onnx-tensor.js';
import { AttributeProto_AttributeType as AttributeType } from '#src/stream/onnx/schema/onnx_pb.js';
import { initializer, input, matMul, one, output, run, weights } from './fp16-fixture.js';
import { choiceNode, fixture, nodesOf, type Fixture } from '../../../stream/onnx/onnx-fixture.js';

describe('a network that multiplies', () => {
  const build = () => fixture({ nodes: [matMul('x', 'w', 'y')], constants: [weights], input, output });

  it('does so with 16 bits, between inputs and outputs of 32', async () => {
    const model = build();
    const report = convertToFp16(model);

    expect(nodesOf(model)).toEqual(['Cast x → x_fp16', 'MatMul x_fp16 w → y_fp16', 'Cast y_fp16 → y']);
    expect(report).toEqual({ tensors: 1, weights: 2, clamped: 0, clampedIn: [], halfNodes: 1, floatNodes: 0 });
    expect(initializer(model, 'w').dataType).toBe(ELEMENT_TYPE.float16);
    expect(await run(model, [2, 4, -1, 8])).toEqual({ y: [2, 1.5] });
  });

  it('is named in the file as it is now', () => {
    const model = fixture({
      nodes: [matMul('x', 'w', 'h'), matMul('h', 'v', 'y')],
      constants: [weights, one],
      input,
      output,
      between: [{ name: 'h', dims: ['n', 1] }],
    });
    convertToFp16(model);
    expect(model.graph.valueInfo.map((value) => [value.name, elementTypeOf(value)])).toEqual([
      ['h', ELEMENT_TYPE.float16],
    ]);
    const ends = [...model.graph.input, ...model.graph.output];
    expect(ends.map(elementTypeOf)).toEqual([ELEMENT_TYPE.float, ELEMENT_TYPE.float]);
  });
});

describe('what stays with 32 bits', () => {
  it.each<[string, Omit<Fixture, 'input' | 'output'>, readonly string[]]>([
    [
      'arithmetic behind the last weights',
      {
        nodes: [
          matMul('x', 'w', 'h'),
          { operator: 'Relu', inputs: ['h'], outputs: ['r'] },
          { operator: 'Sigmoid', inputs: ['r'], outputs: ['y'] },
        ],
        constants: [weights],
      },
      ['Cast x → x_fp16', 'MatMul x_fp16 w → h', 'Relu h → r', 'Cast r → r_fp32', 'Sigmoid r_fp32 → y'],
    ],
    [
      'moving what was computed so',
      {
        nodes: [
          matMul('x', 'w', 'h'),
          { operator: 'Exp', inputs: ['h'], outputs: ['e'] },
          { operator: 'Identity', inputs: ['e'], outputs: ['y'] },
        ],
        constants: [weights],
      },
      ['Cast x → x_fp16', 'MatMul x_fp16 w → h', 'Cast h → h_fp32', 'Exp h_fp32 → e', 'Identity e → y'],
    ],
    [
      'a number that 16 bits hold too few digits of',
      {
        nodes: [{ operator: 'Add', inputs: ['x', 'tiny'], outputs: ['a'] }, matMul('a', 'w', 'y')],
        constants: [weights, { name: 'tiny', dims: [], floats: Float32Array.of(1e-6) }],
      },
      ['Add x tiny → a', 'Cast a → a_fp16', 'MatMul a_fp16 w → y_fp16', 'Cast y_fp16 → y'],
    ],
    [
      'dividing by a variance that 16 bits hold too few digits of',
      {
        nodes: [
          { operator: 'BatchNormalization', inputs: ['x', 'ones', 'ones', 'ones', 'variance'], outputs: ['a'] },
          matMul('a', 'w', 'y'),
        ],
        constants: [
          weights,
          { name: 'ones', dims: [2], floats: Float32Array.of(1, 1) },
          { name: 'variance', dims: [2], floats: Float32Array.of(1, 1e-5) },
        ],
      },
      [
        ...['BatchNormalization x ones ones ones variance → a', 'Cast a → a_fp16'],
        ...['MatMul a_fp16 w → y_fp16', 'Cast y_fp16 → y'],
      ],
    ],
    [
      'operators that no GPU has with 16 bits',
      {
        nodes: [{ operator: 'CumSum', inputs: ['x', 'axis'], outputs: ['a'] }, matMul('a', 'w', 'y')],
        constants: [weights, { name: 'axis', dims: [], integers: [1] }],
      },
      ['CumSum x axis → a', 'Cast a → a_fp16', 'MatMul a_fp16 w → y_fp16', 'Cast y_fp16 → y'],
    ],
    [
      'computing with shapes',
      {
        nodes: [
          { operator: 'Shape', inputs: ['x'], outputs: ['s'] },
          { operator: 'Cast', inputs: ['s'], outputs: ['f'], attributes: { to: ELEMENT_TYPE.float } },
          { operator: 'Mul', inputs: ['f', 'unit'], outputs: ['g'] },
          { operator: 'Cast', inputs: ['g'], outputs: ['t'], attributes: { to: ELEMENT_TYPE.int64 } },
          { operator: 'Reshape', inputs: ['x', 't'], outputs: ['a'] },
          matMul('a', 'w', 'y'),
        ],
        constants: [weights, { name: 'unit', dims: [], floats: Float32Array.of(1) }],
      },
      [
        ...['Shape x → s', 'Cast s → f', 'Mul f unit → g', 'Cast g → t', 'Cast x → x_fp16', 'Reshape x_fp16 t → a'],
        ...['MatMul a w → y_fp16', 'Cast y_fp16 → y'],
      ],
    ],
  ])('is %s', async (_, graph, nodes) => {
    const values = [2, 4, -1, 8];
    const expected = await run(fixture({ ...graph, input, output }), values);
    const model = fixture({ ...graph, input, output });

    convertToFp16(model);

    expect(nodesOf(model)).toEqual(nodes);
    const found = await run(model, values);
    for (const [i, value] of expected['y']!.entries()) {
      expect(Math.abs(found['y']![i]! - value)).toBeLessThanOrEqual(2e-3 * Math.abs(value));
    }
  });

  it('is the scales of a picture that is enlarged', async () => {
    const picture = { name: 'x', dims: [1, 1, 1, 2] };
    const build = () =>
      fixture({
        nodes: [
          {
            operator: 'Resize',
            inputs: ['x', '', 'scales'],
            outputs: ['a'],
            attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
          },
          { operator: 'Conv', inputs: ['a', 'k'], outputs: ['y'] },
        ],
        constants: [
          { name: 'scales', dims: [4], floats: Float32Array.of(1, 1, 2, 2) },
          { name: 'k', dims: [1, 1, 1, 1], floats: Float32Array.of(2) },
        ],
        input: picture,
        output: { name: 'y', dims: [1, 1, 2, 4] },
      });
    const model = build();
    convertToFp16(model);
    expect(initializer(model, 'scales').dataType).toBe(ELEMENT_TYPE.float);
    expect(initializer(model, 'k').dataType).toBe(ELEMENT_TYPE.float16);
    const session = await InferenceSession.create(encodeOnnx(model));
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 3), [1, 1, 1, 2]) });
    expect([...(y!.data as Float32Array)]).toEqual([2, 2, 6, 6, 2, 2, 6, 6]);
  });
});

describe('what is used in two ways', () => {
  it('is found with 32 bits outside and with 16 inside', async () => {
    const model = fixture({
      nodes: [matMul('x', 'w', 'h'), matMul('h', 'v', 'y')],
      constants: [weights, one],
      input,
      output,
      furtherOutputs: [{ name: 'h', dims: ['n', 1] }],
    });
    convertToFp16(model);
    expect(nodesOf(model)).toEqual([
      ...['Cast x → x_fp16', 'MatMul x_fp16 w → h_fp16', 'Cast h_fp16 → h'],
      ...['MatMul h_fp16 v → y_fp16', 'Cast y_fp16 → y'],
    ]);
    expect(await run(model, [2, 4])).toEqual({ h: [2], y: [6] });
  });

  it('is kept in both forms where it is a constant', async () => {
    const model = fixture({
      nodes: [matMul('x', 'w', 'h'), matMul('h', 'v', 'k'), { operator: 'Div', inputs: ['k', 'v'], outputs: ['y'] }],
      constants: [weights, one],
      input,
      output,
    });
    convertToFp16(model);
    expect(model.graph.initializer.map(({ name, dataType }) => [name, dataType])).toEqual([
      ['w', ELEMENT_TYPE.float16],
      ['v', ELEMENT_TYPE.float],
      ['v_fp16', ELEMENT_TYPE.float16],
    ]);
    expect(await run(model, [2, 4])).toEqual({ y: [2] });
  });

  it('is found from within a branch', async () => {
    const model = fixture({
      nodes: [matMul('x', 'w', 'y')],
      constants: [weights, one, { name: 'yes', dims: [], integers: [1] }],
      rawNodes: [
        { opType: 'MatMul', input: ['x', 'w'], output: ['h'] },
        {
          opType: 'Cast',
          input: ['yes'],
          output: ['condition'],
          attribute: [{ name: 'to', i: BigInt(ELEMENT_TYPE.bool), type: AttributeType.INT }],
        },
        choiceNode('condition', 'h', 'chosen'),
        { opType: 'MatMul', input: ['chosen', 'v'], output: ['z'] },
      ],
      input,
      output,
      furtherOutputs: [{ name: 'z', dims: ['n', 1] }],
    });
    convertToFp16(model);
    expect(nodesOf(model)).toContain('Cast h_fp16 → h');
    expect(await run(model, [2, 4])).toEqual({ y: [2], z: [6] });
  });
});

it('makes what is cast to floats within 16-bit', async () => {
  const model = fixture({
    nodes: [
      { operator: 'Cast', inputs: ['x'], outputs: ['i'], attributes: { to: ELEMENT_TYPE.int64 } },
      { operator: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: ELEMENT_TYPE.float } },
      matMul('f', 'w', 'y'),
    ],
    constants: [weights],
    input,
    output,
  });
  convertToFp16(model);
  expect(nodesOf(model).slice(-3)).toEqual(['Cast i → f', 'MatMul f w → y_fp16', 'Cast y_fp16 → y']);
  expect(await run(model, [2.5, 4.5])).toEqual({ y: [2] });
});

it('leaves a network without weights as it is', () => {
  const model = fixture({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    input,
    output: { name: 'y', dims: ['n', 2] },
  });
  const before = encodeOnnx(model);
  expect(convertToFp16(model)).toMatchObject({ tensors: 0, halfNodes: 0, floatNodes: 1 });
  expect(encodeOnnx(model)).toEqual(before);
});
