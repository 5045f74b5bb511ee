import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnConvolutionForms } from '#src/stream/backend/gpu/own-convolution-forms.adapter.js';
import { convertVariant } from '#src/stream/models/conversion/convert-variant.js';
import type { VariantOptions } from '#src/stream/models/model-variant.js';
import { decodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { loadTestAddon } from '../native/test-addon.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene } from '../stream/stages/detect/footage.js';
import { hasModel, WHY_SKIPPED } from './networks.js';
import { softGpu } from './soft-cuda.js';
import { expectAlike, TestDetector } from './test-detector.js';

/** With 16 bits the CPU rounds between a convolution, its bias and its activation; of 1920 pixels, and of a percent. */
const MOST_OFF_16 = 0.5;
/** The stand-in for a GPU takes up to a minute for a picture in 16 bits on two cores that have other work as well. */
const LIMIT_MS = 180_000;
const HD = { width: 1920, height: 1080 };
const addon = loadTestAddon();
let folder: string;
let forms: OwnConvolutionForms;

beforeAll(async () => {
  await addon.openGpu(softGpu());
  folder = await mkdtemp(join(tmpdir(), 'diptych-own-convolutions-'));
  forms = new OwnConvolutionForms(folder);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

/** How many nodes of each operator a file has. */
async function operatorsOf(path: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { opType } of decodeOnnx(await readFile(path), path).graph.node) {
    counts[opType] = (counts[opType] ?? 0) + 1;
  }
  return counts;
}

describe.each([
  { name: 'blazeface', file: undefined, form: undefined, operator: 'DirectConv32' },
  { name: 'blazeface', file: undefined, form: { fp16: false, dynamicBatch: true }, operator: 'DirectConv32' },
  { name: 'blazeface', file: undefined, form: { fp16: true, dynamicBatch: true }, operator: 'DenseConv' },
  { name: 'yunet', file: 'yunet_n_dynamic.onnx', form: undefined, operator: 'DirectConv32' },
  {
    name: 'yolov8-lite-t-face',
    file: 'yolov8-lite-t-face.onnx',
    form: { fp16: true, dynamicBatch: true },
    operator: 'DenseConv',
  },
])('$name, $form', ({ name, file, form, operator }) => {
  const isMissing = file !== undefined && !hasModel(file);

  it.skipIf(isMissing)(
    `finds what the CPU finds${isMissing ? WHY_SKIPPED : ''}`,
    async () => {
      const detector = await TestDetector.load(addon, name, { width: 640, height: 384 }, (path) => formOf(path, form));
      const path = (await forms.pathOf(detector.options.path))!;
      const counts = await operatorsOf(path);
      expect(counts[operator]).toBeGreaterThan(0);
      expect(counts).not.toHaveProperty('Conv');
      const model = await addon.openGpuModel({ ...detector.options, path, ...(form?.fp16 && { maxBatch: 1 }) });
      const scene = await paintScene(await fetchClips(), [
        { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
        { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
      ]);
      const onHost = addon.createFrame(HD, 'I420', scene);
      const onGpu = await addon.uploadFrame(onHost);
      try {
        const people = { x: 60, y: 200, width: 800, height: 700 };
        const crops = form?.fp16 ? [people] : [people, undefined, { x: 1100.5, y: 300, width: 900, height: 900 }];
        const found = await Promise.all(crops.map((crop) => detector.find(model.id, onGpu, crop)));
        for (const [i, crop] of crops.entries())
          expectAlike(found[i]!, await detector.findOnCpu(onHost, crop), form?.fp16 ? MOST_OFF_16 : undefined);
        expect(found[0]!.length).toBeGreaterThan(0);
      } finally {
        for (const handle of [onHost, onGpu]) addon.release(handle);
        await Promise.all([addon.closeGpuModel(model.id), detector.close()]);
      }
    },
    LIMIT_MS,
  );
});

/** Path of a model in a form, made where it is not there. */
async function formOf(path: string, form: VariantOptions | undefined): Promise<string> {
  if (!form) return path;
  const made = join(folder, `${form.fp16 ? '16' : '32'}-${path.split('/').at(-1)}`);
  await writeFile(made, convertVariant(await readFile(path), path, form).bytes);
  return made;
}
