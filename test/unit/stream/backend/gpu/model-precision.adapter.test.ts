import { expect, it } from 'vitest';
import { modelForGpu } from '#src/stream/backend/gpu/model-precision.adapter.js';

const file = { path: '/m/a.onnx', entry: { name: 'a' } };

/** A store with these forms of the model. */
const store = (...forms: readonly ('fp16' | 'batch')[]) => ({
  resolveVariant: (_: unknown, { fp16 }: { readonly fp16: boolean }) => {
    const form = fp16 ? 'fp16' : 'batch';
    return Promise.resolve(forms.includes(form) ? { path: `/m/a.${form}.onnx`, fp16, dynamicBatch: true } : undefined);
  },
});

it.each([
  { wanted: 'auto', forms: [], path: '/m/a.onnx', precision: 'FP32' },
  { wanted: 'auto', forms: ['batch'], path: '/m/a.batch.onnx', precision: 'FP32' },
  { wanted: 'auto', forms: ['batch', 'fp16'], path: '/m/a.fp16.onnx', precision: 'FP16' },
  { wanted: 'fp32', forms: ['fp16'], path: '/m/a.onnx', precision: 'FP32' },
  { wanted: 'fp32', forms: ['fp16', 'batch'], path: '/m/a.batch.onnx', precision: 'FP32' },
  { wanted: 'fp16', forms: ['fp16'], path: '/m/a.fp16.onnx', precision: 'FP16' },
] as const)('takes $path for $wanted where there is $forms', async ({ wanted, forms, path, precision }) => {
  expect(await modelForGpu(file, wanted, store(...forms))).toEqual({ path, precision });
});

it.each([
  { forms: [], path: '/cache/a.batch.onnx' },
  { forms: ['batch'], path: '/m/a.batch.onnx' },
  { forms: ['fp16'], path: '/m/a.fp16.onnx' },
] as const)('asks for a form of several pictures where there is none: $forms', async ({ forms, path }) => {
  const batchForm = () => Promise.resolve('/cache/a.batch.onnx');

  expect(await modelForGpu(file, 'auto', store(...forms), batchForm)).toMatchObject({ path });
});

it('says how to make half precision where it is asked for', async () => {
  await expect(modelForGpu(file, 'fp16', store('batch'))).rejects.toMatchObject({
    code: 'DIPTYCH_E_MODEL',
    message: expect.stringContaining('diptych models convert a --fp16') as unknown,
  });
});
