import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { takeAnyInputSize } from '#src/stream/onnx/any-input-size.js';
import type { OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import { encodeOnnx, type OnnxModel } from '#src/stream/onnx/onnx-file.js';
import { shapeOf } from '#src/stream/onnx/onnx-graph.js';
import { copyOf, fixture, nodesOf } from './onnx-fixture.js';

const conv: OnnxNode = {
  operator: 'Conv',
  inputs: ['x', 'w'],
  outputs: ['made'],
  attributes: { kernel_shape: [1, 1] },
};
const pool: OnnxNode = {
  operator: 'MaxPool',
  inputs: ['made'],
  outputs: ['pooled'],
  attributes: { kernel_shape: [2, 2], strides: [2, 2] },
};
const zeros: OnnxNode = { operator: 'ConstantOfShape', inputs: ['zeros_shape'], outputs: ['zeros'] };
const join: OnnxNode = {
  operator: 'Concat',
  inputs: ['pooled', 'zeros'],
  outputs: ['joined'],
  attributes: { axis: 1 },
};
const turn: OnnxNode = {
  operator: 'Transpose',
  inputs: ['joined'],
  outputs: ['turned'],
  attributes: { perm: [0, 2, 3, 1] },
};
const list: OnnxNode = { operator: 'Reshape', inputs: ['turned', 'list_shape'], outputs: ['y'] };

/** Two channels of 4×4, pooled, with a channel of zeros behind them, as a list of four. */
const network = (
  nodes: readonly OnnxNode[] = [conv, pool, zeros, join, turn, list],
  listShape = [1, 4, 3],
): OnnxModel =>
  fixture({
    nodes,
    constants: [
      { name: 'w', dims: [2, 1, 1, 1], floats: Float32Array.of(1, 10) },
      { name: 'zeros_shape', dims: [4], integers: [1, 1, 2, 2] },
      { name: 'list_shape', dims: [listShape.length], integers: listShape },
    ],
    between: [{ name: 'turned', dims: [1, 2, 2, 3] }],
    input: { name: 'x', dims: [1, 1, 4, 4] },
    output: { name: 'y', dims: listShape },
  });

async function run(model: OnnxModel, side: number) {
  const session = await InferenceSession.create(encodeOnnx(model), { logSeverityLevel: 3 });
  const picture = Float32Array.from({ length: side * side }, (_, i) => i);
  const { y } = await session.run({ x: new Tensor('float32', picture, [1, 1, side, side]) });
  await session.release();
  return { dims: y!.dims, values: [...(y!.data as Float32Array)] };
}

describe('takeAnyInputSize', () => {
  it('gives the same for the size that the file was saved for', async () => {
    const model = network();
    const before = await run(copyOf(model), 4);

    expect(takeAnyInputSize(model)).toBe(true);

    expect(await run(model, 4)).toEqual(before);
    expect(before.values.slice(0, 6)).toEqual([5, 50, 0, 7, 70, 0]);
  });

  it('takes others, and gives longer lists', async () => {
    const model = network();
    await expect(run(copyOf(model), 8)).rejects.toThrow();

    takeAnyInputSize(model);

    const { dims, values } = await run(model, 8);
    expect(dims).toEqual([1, 16, 3]);
    expect(values.slice(0, 6)).toEqual([9, 90, 0, 11, 110, 0]);
  });

  it('says how many dimensions there are, by which ONNX Runtime joins additions with convolutions', () => {
    const model = network();

    takeAnyInputSize(model);

    expect(model.graph.input.map(shapeOf)).toEqual([[undefined, undefined, undefined, undefined]]);
  });

  it.each<[string, OnnxModel]>([
    ['lists of another shape', network(undefined, [1, 2, 2, 3])],
    ['zeros that are put elsewhere', network([conv, pool, zeros, { ...join, attributes: { axis: 2 } }, turn, list])],
    ['pooled values that no convolution made', network([{ ...pool, inputs: ['x'] }, zeros, join, turn, list])],
  ])('leaves a network as it is that has %s', (_, model) => {
    const nodes = nodesOf(model);

    expect(takeAnyInputSize(model)).toBe(false);

    expect(nodesOf(model)).toEqual(nodes);
  });
});
