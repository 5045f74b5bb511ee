import { describe, expect, it } from 'vitest';
import { FLOAT16_MAX } from '#src/stream/models/conversion/float16.js';
import { convertToFp16 } from '#src/stream/models/conversion/fp16-conversion.js';
import { elementTypeOf } from '#src/stream/onnx/onnx-graph.js';
import { ELEMENT_TYPE } from '#src/stream/onnx/onnx-tensor.js';
import { AttributeProto_AttributeType as AttributeType } from '#src/stream/onnx/schema/onnx_pb.js';
import { initializer, input, matMul, output, run, weights } from './fp16-fixture.js';
import { constantNode, fixture, nodesOf } from '../../../stream/onnx/onnx-fixture.js';

describe('constants', () => {
  it('are cut where they are too large, which is told', async () => {
    const model = fixture({
      nodes: [matMul('x', 'w', 'y')],
      constants: [{ name: 'w', dims: [2, 1], floats: Float32Array.of(1e6, 0.25) }],
      input,
      output,
    });
    expect(convertToFp16(model)).toMatchObject({ clamped: 1, clampedIn: ['w'] });
    expect(await run(model, [1, 0])).toEqual({ y: [FLOAT16_MAX] });
  });

  it('that a node gives become 16-bit, too', async () => {
    const model = fixture({
      nodes: [{ operator: 'Mul', inputs: ['x', 'c'], outputs: ['a'] }, matMul('a', 'w', 'y')],
      constants: [weights],
      rawNodes: [constantNode('c', [2, 4])],
      input,
      output,
    });
    convertToFp16(model);
    expect(nodesOf(model).some((node) => node.startsWith('Constant'))).toBe(false);
    expect(initializer(model, 'c').dataType).toBe(ELEMENT_TYPE.float16);
    expect(await run(model, [2, 4])).toEqual({ y: [6] });
  });

  it.each([
    ['one number', { name: 'value_float', f: 2, type: AttributeType.FLOAT }, [4, 8]],
    ['a list', { name: 'value_floats', floats: [2, 4], type: AttributeType.FLOATS }, [4, 16]],
  ])('that a node gives as %s become 16-bit, too', async (_, attribute, [first = 0, second = 0]) => {
    const model = fixture({
      nodes: [{ operator: 'Mul', inputs: ['x', 'c'], outputs: ['a'] }, matMul('a', 'w', 'y')],
      constants: [weights],
      rawNodes: [{ opType: 'Constant', output: ['c'], attribute: [attribute] }],
      input,
      output,
    });
    convertToFp16(model);
    expect(initializer(model, 'c').dataType).toBe(ELEMENT_TYPE.float16);
    expect(await run(model, [2, 4])).toEqual({ y: [first * 0.5 + second * 0.25] });
  });

  it('that an old file lists as inputs are listed as what they are', async () => {
    const model = fixture({
      nodes: [matMul('x', 'w', 'y')],
      constants: [weights],
      input,
      output,
      listed: [{ name: 'w', dims: [2, 1] }],
    });
    convertToFp16(model);
    expect(model.graph.input.map((value) => [value.name, elementTypeOf(value)])).toEqual([
      ['x', ELEMENT_TYPE.float],
      ['w', ELEMENT_TYPE.float16],
    ]);
    expect(await run(model, [2, 4])).toEqual({ y: [2] });
  });
});
