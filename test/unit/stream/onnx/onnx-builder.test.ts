import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { buildOnnx, type OnnxGraph } from '#src/stream/onnx/onnx-builder.js';

/** y = pad(x · 2, one zero behind), for any number of rows. */
const graph: OnnxGraph = {
  name: 'double',
  nodes: [
    { operator: 'Mul', inputs: ['x', 'two'], outputs: ['doubled'] },
    { operator: 'Pad', inputs: ['doubled', 'pads'], outputs: ['padded'] },
    { operator: 'Transpose', inputs: ['padded'], outputs: ['turned'], attributes: { perm: [1, 0] } },
    { operator: 'Softmax', inputs: ['turned'], outputs: ['y'], attributes: { axis: 0 } },
  ],
  constants: [
    { name: 'two', dims: [], floats: Float32Array.of(2) },
    { name: 'pads', dims: [4], integers: [0, 0, 0, 1] },
  ],
  input: { name: 'x', dims: ['rows', 1] },
  output: { name: 'y', dims: [2, 'rows'] },
};

it('writes a file that ONNX Runtime reads and computes with', async () => {
  const session = await InferenceSession.create(buildOnnx(graph));

  const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(0, 1, 2), [3, 1]) });

  expect(y?.dims).toEqual([2, 3]);
  // softmax of (2x, 0) along the columns: 1 / (1 + e^−2x).
  const first = (y?.data as Float32Array).slice(0, 3);
  [0, 1, 2].forEach((x, i) => expect(first[i]).toBeCloseTo(1 / (1 + Math.exp(-2 * x)), 5));
  await session.release();
});

it('gives the same bytes every time', () => {
  expect(buildOnnx(graph)).toEqual(buildOnnx(graph));
});
