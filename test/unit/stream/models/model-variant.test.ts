import { expect, it } from 'vitest';
import { convertVariant } from '#src/stream/models/conversion/convert-variant.js';
import { ownVariantFile, variantFile } from '#src/stream/models/model-variant.js';
import { encodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { fixture } from '../onnx/onnx-fixture.js';

it.each([
  ['yunet.onnx', true, 'yunet.fp16.onnx'],
  ['yunet.onnx', false, 'yunet.batch.onnx'],
  ['/models/a.b.onnx', true, '/models/a.b.fp16.onnx'],
  ['export', true, 'export.fp16.onnx'],
])('calls what is made of %s (16 bits: %s) %s', (file, fp16, name) => {
  expect(variantFile(file, { fp16 })).toBe(name);
});

it.each([
  ['yunet.onnx', 'yunet.0123456789ab.batch.onnx'],
  ['best', 'best.0123456789ab.batch.onnx'],
])('calls what is made of %s without being asked %s', (file, name) => {
  expect(ownVariantFile(file, '0123456789abcdef')).toBe(name);
});

const bytes = encodeOnnx(
  fixture({
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    constants: [{ name: 'w', dims: [2, 1], floats: Float32Array.of(1, 2) }],
    input: { name: 'x', dims: [1, 2] },
    output: { name: 'y', dims: [1, 1] },
  }),
);

it.each([
  [{ fp16: true, dynamicBatch: false }, ['fp16']],
  [{ fp16: false, dynamicBatch: true }, ['dynamicBatch']],
  [{ fp16: true, dynamicBatch: true }, ['dynamicBatch', 'fp16']],
])('does what %o asks for, the same each time', (options, reports) => {
  const made = convertVariant(bytes, 'x.onnx', options);
  expect(Object.keys(made).filter((key) => key === 'fp16' || key === 'dynamicBatch')).toEqual(reports);
  expect(made.inputs).toEqual([{ name: 'x', dims: [1, 2] }]);
  expect(convertVariant(bytes, 'x.onnx', options).bytes).toEqual(made.bytes);
});
