import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { makeBatchDynamic } from '#src/stream/models/conversion/dynamic-batch.js';
import { encodeOnnx, type OnnxModel } from '#src/stream/onnx/onnx-file.js';
import { shapeOf } from '#src/stream/onnx/onnx-graph.js';
import { integersOf } from '#src/stream/onnx/onnx-tensor.js';
import { fixture, nodesOf } from '../../../stream/onnx/onnx-fixture.js';

async function run(model: OnnxModel, values: readonly number[], dims: readonly number[]) {
  const session = await InferenceSession.create(encodeOnnx(model), { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(values), dims) });
  await session.release();
  return { dims: y!.dims, data: [...(y!.data as Float32Array)] };
}

const scale = { name: 's', dims: [], floats: Float32Array.of(2) };

describe('a network for one picture', () => {
  it('takes several: ends are named, and a shape with a 1 in it is rewritten, whoever else uses it', async () => {
    const model = fixture({
      nodes: [
        { operator: 'Mul', inputs: ['x', 's'], outputs: ['m'] },
        { operator: 'Reshape', inputs: ['m', 'shape'], outputs: ['r'] },
        { operator: 'Reshape', inputs: ['r', 'back'], outputs: ['t'] },
        { operator: 'Reshape', inputs: ['t', 'shape'], outputs: ['y'] },
      ],
      constants: [
        scale,
        { name: 'shape', dims: [3], integers: [1, 2, 1] },
        { name: 'back', dims: [2], integers: [1, -1] },
      ],
      input: { name: 'x', dims: [1, 2] },
      output: { name: 'y', dims: [1, 2, 1] },
      between: [{ name: 'm', dims: [1, 2] }],
    });

    expect(makeBatchDynamic(model)).toEqual({ inputs: ['x'], rewritten: 3 });

    expect(model.graph.input.map(shapeOf)).toEqual([['batch', 2]]);
    expect(model.graph.output.map(shapeOf)).toEqual([['batch', 2, 1]]);
    expect(model.graph.valueInfo.map(shapeOf)).toEqual([undefined]);
    expect(await run(model, [1, 2, 3, 4], [2, 2])).toEqual({ dims: [2, 2, 1], data: [2, 4, 6, 8] });
  });

  it('has channels of zeros added by padding, as joining takes just one picture', async () => {
    const model = fixture({
      nodes: [
        { operator: 'ConstantOfShape', inputs: ['shape'], outputs: ['zeros'] },
        { operator: 'Concat', inputs: ['x', 'zeros'], outputs: ['y'], attributes: { axis: 1 } },
      ],
      constants: [{ name: 'shape', dims: [3], integers: [1, 1, 2] }],
      input: { name: 'x', dims: [1, 1, 2] },
      output: { name: 'y', dims: [1, 2, 2] },
    });

    makeBatchDynamic(model);

    expect(nodesOf(model)).toEqual(['Pad x zeros_batch → y']);
    expect(await run(model, [1, 2, 3, 4], [2, 1, 2])).toEqual({ dims: [2, 2, 2], data: [1, 2, 0, 0, 3, 4, 0, 0] });
  });
});

it('adds channels of zeros that are written out in the same way', async () => {
  const model = fixture({
    nodes: [{ operator: 'Concat', inputs: ['x', 'zeros'], outputs: ['y'], attributes: { axis: 1 } }],
    constants: [{ name: 'zeros', dims: [1, 1], floats: Float32Array.of(0) }],
    input: { name: 'x', dims: [1, 2] },
    output: { name: 'y', dims: [1, 3] },
  });
  makeBatchDynamic(model);
  expect(await run(model, [1, 2, 3, 4], [2, 2])).toEqual({ dims: [2, 3], data: [1, 2, 0, 3, 4, 0] });
});

describe('a network for any number', () => {
  it('need not ask for the number while it runs', async () => {
    const model = fixture({
      nodes: [
        { operator: 'Shape', inputs: ['x'], outputs: ['all'] },
        { operator: 'Gather', inputs: ['all', 'first'], outputs: ['count'], attributes: { axis: 0 } },
        { operator: 'Unsqueeze', inputs: ['count', 'axes'], outputs: ['list'] },
        { operator: 'Concat', inputs: ['list', 'rest'], outputs: ['shape'], attributes: { axis: 0 } },
        { operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'] },
      ],
      constants: [
        { name: 'first', dims: [], integers: [0] },
        { name: 'axes', dims: [1], integers: [0] },
        { name: 'rest', dims: [2], integers: [-1, 1] },
      ],
      input: { name: 'x', dims: ['n', 2] },
      output: { name: 'y', dims: ['n', 2, 1] },
    });

    expect(makeBatchDynamic(model)).toEqual({ inputs: [], rewritten: 1 });

    expect(nodesOf(model)).toEqual(['Reshape x shape_batch → y']);
    expect(model.graph.initializer.map((tensor) => [tensor.name, integersOf(tensor)])).toEqual([
      ['shape_batch', [0n, -1n, 1n]],
    ]);
    expect((await run(model, [1, 2, 3, 4], [2, 2])).dims).toEqual([2, 2, 1]);
  });

  it('keeps every byte where nothing is to be done', () => {
    const model = fixture({
      nodes: [{ operator: 'Mul', inputs: ['x', 's'], outputs: ['y'] }],
      constants: [scale],
      input: { name: 'x', dims: ['n', 2] },
      output: { name: 'y', dims: ['n', 2] },
    });
    const before = encodeOnnx(model);
    expect(makeBatchDynamic(model)).toEqual({ inputs: [], rewritten: 0 });
    expect(encodeOnnx(model)).toEqual(before);
  });
});

describe('what is refused', () => {
  it('is a network for another number of pictures', () => {
    const model = fixture({
      nodes: [{ operator: 'Mul', inputs: ['x', 's'], outputs: ['y'] }],
      constants: [scale],
      input: { name: 'x', dims: [4, 2] },
      output: { name: 'y', dims: [4, 2] },
    });
    expect(() => makeBatchDynamic(model)).toThrow('its input x takes 4 pictures at a time, not 1');
  });

  it('is joining a picture with something made for one', () => {
    const model = fixture({
      nodes: [{ operator: 'Concat', inputs: ['x', 'c'], outputs: ['y'], attributes: { axis: 1 } }],
      constants: [{ name: 'c', dims: [1, 1], floats: Float32Array.of(7) }],
      input: { name: 'x', dims: [1, 2] },
      output: { name: 'y', dims: [1, 3] },
    });
    expect(() => makeBatchDynamic(model)).toThrow('Concat y joins each picture with a constant made for one');
  });

  it('is a shape that takes 0 by its word and has its rest used up', () => {
    const model = fixture({
      nodes: [{ operator: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'], attributes: { allowzero: 1 } }],
      constants: [{ name: 'shape', dims: [2], integers: [1, -1] }],
      input: { name: 'x', dims: [1, 2] },
      output: { name: 'y', dims: [1, 2] },
    });
    expect(() => makeBatchDynamic(model)).toThrow('Reshape y has no way left to say how many pictures there are');
  });
});
