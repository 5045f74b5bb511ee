import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { detectSchema } from '#src/shared/config/stage-schemas.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { GpuModels } from '#src/stream/backend/gpu/gpu-models.adapter.js';
import { parseManifest } from '#src/stream/models/manifest.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { sketchStep } from '#src/stream/domain/sketch-step.js';
import { buildOnnx, type OnnxConstant, type OnnxNode, type OnnxValue } from '#src/stream/onnx/onnx-builder.js';
import { loadTestAddon } from '../native/test-addon.js';
import { createCpuDetector } from '#src/stream/stages/detect/cpu-detector.adapter.js';
import { createGpuDetector } from '#src/stream/stages/detect/gpu-detector.adapter.js';
import { buildSources } from '../stream/stages/detect/built-sources.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene } from '../stream/stages/detect/footage.js';
import { COMMON, hasModel, WHY_SKIPPED } from './networks.js';
import { softGpu } from './soft-cuda.js';
import { expectAlike } from './test-detector.js';

const HD = { width: 1920, height: 1080 };
const SIDE = 32;
const addon = loadTestAddon();
let folder: string;
let scene: Uint8Array;

beforeAll(async () => {
  await buildSources();
  await addon.openGpu(softGpu());
  folder = await mkdtemp(join(tmpdir(), 'diptych-detectors-'));
  scene = await paintScene(await fetchClips(), [
    { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
    { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
  ]);
}, 120_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

/** What a stream would find in the scene, on the CPU and on the GPU. */
async function findBoth(model: string, store: ModelStore): Promise<readonly (readonly Detection[])[]> {
  const config = detectSchema.parse({ model });
  const { library, provider, maxBatch } = COMMON;
  const models = new GpuModels(addon, { library, provider, maxBatch });
  const onHost = addon.createFrame(HD, 'I420', scene);
  const onGpu = await addon.uploadFrame(onHost);
  const detectors = [
    await createCpuDetector(config, { addon, store }),
    await createGpuDetector(config, { addon, store, models, pathFor: ({ path }) => Promise.resolve(path) }),
  ];
  try {
    return await Promise.all(
      detectors.map(async (detector, i) => {
        const set = await detector.detect({ handle: i === 0 ? onHost : onGpu, ...HD, ptsMs: 0 });
        // With what cuts are seen by, which nobody brings down otherwise.
        const sketch = { luma: addon.lumaSketch(onHost, sketchStep(HD)), columns: 160 };
        expect(set.sketch).toEqual(i === 0 ? undefined : sketch);
        return set.detections;
      }),
    );
  } finally {
    await Promise.all(detectors.map((detector) => detector.close()));
    for (const handle of [onHost, onGpu]) addon.release(handle);
  }
}

interface TinyNetwork {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly outputs: readonly [OnnxValue, ...OnnxValue[]];
}

const floats = (name: string, dims: readonly number[], valueAt: (i: number) => number): OnnxConstant => ({
  name,
  dims,
  floats: Float32Array.from({ length: dims.reduce((product, side) => product * side, 1) }, (_, i) => valueAt(i)),
});
const node = (operator: string, inputs: readonly string[], output: string, attributes = {}): OnnxNode => ({
  operator,
  inputs,
  outputs: [output],
  attributes,
});
/** Brightness of the picture in cells of `stride` pixels. */
const cells = (stride: number, output: string): readonly OnnxNode[] => [
  node('ReduceMean', ['frame'], `grey${stride}`, { axes: [1], keepdims: 1 }),
  node('AveragePool', [`grey${stride}`], output, { kernel_shape: [stride, stride], strides: [stride, stride] }),
];

/** Sixteen cells whose brightness is their score. */
function tinyYolov8(): TinyNetwork {
  const anchors = (SIDE / 8) ** 2;
  // Centre and size of each cell, a row for each of the four.
  const boxAt = (i: number): number =>
    [4 + 8 * (i % 4), 4 + 8 * (Math.floor(i / 4) % 4), 6, 7][Math.floor(i / anchors)]!;
  return {
    nodes: [
      ...cells(8, 'pooled'),
      node('Reshape', ['pooled', 'row'], 'scores'),
      node('Concat', ['boxes', 'scores'], 'found', { axis: 1 }),
    ],
    constants: [floats('boxes', [1, 4, anchors], boxAt), { name: 'row', dims: [3], integers: [1, 1, anchors] }],
    outputs: [{ name: 'found', dims: [1, 5, anchors] }],
  };
}

/** Two anchors a cell at three strides; its outputs' names are in no order that would tell anything. */
function tinyScrfd(): TinyNetwork {
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  const outputs: OnnxValue[] = [];
  const strides = [8, 16, 32];
  for (const stride of strides) {
    const anchors = 2 * (SIDE / stride) ** 2;
    nodes.push(
      ...cells(stride, `pooled${stride}`),
      node('Concat', [`pooled${stride}`, `pooled${stride}`], `both${stride}`, { axis: 1 }),
      node('Transpose', [`both${stride}`], `last${stride}`, { perm: [0, 2, 3, 1] }),
      node('Reshape', [`last${stride}`, `column${stride}`], `z${stride}`),
    );
    constants.push({ name: `column${stride}`, dims: [2], integers: [anchors, 1] });
    outputs.push({ name: `z${stride}`, dims: [anchors, 1] });
  }
  for (const [prefix, width] of [
    ['m', 4],
    ['a', 10],
  ] as const) {
    for (const stride of strides) {
      const dims = [2 * (SIDE / stride) ** 2, width];
      constants.push(floats(`of-${prefix}${stride}`, dims, (i) => 0.1 + ((i * 7) % 11) / 20 + stride / 200));
      nodes.push(node('Identity', [`of-${prefix}${stride}`], `${prefix}${stride}`));
      outputs.push({ name: `${prefix}${stride}`, dims });
    }
  }
  const [first, ...others] = outputs;
  return { nodes, constants, outputs: [first!, ...others] };
}

/** A store that knows one model, of whose inputs and outputs its entry says no names. */
async function storeOf(type: 'yolov8' | 'scrfd', { nodes, constants, outputs }: TinyNetwork): Promise<ModelStore> {
  const [output, ...moreOutputs] = outputs;
  const input = { name: 'frame', dims: [1, 3, SIDE, SIDE] };
  await writeFile(
    join(folder, `tiny-${type}.onnx`),
    buildOnnx({ name: type, nodes, constants, input, output, moreOutputs }),
  );
  const entry = {
    name: `tiny-${type}`,
    title: 'Finds what is bright',
    file: `tiny-${type}.onnx`,
    licence: 'MIT',
    sources: [],
    input: { size: { width: SIDE, height: SIDE }, channels: 'RGB', order: 'nchw', mean: 0, scale: 1 / 255, pad: 0 },
    task: 'face-detector',
    decoder: type === 'yolov8' ? { type, classes: 1, keypoints: 0 } : { type },
    regions: 'whole',
    minScore: 0.3,
  };
  const manifest = parseManifest(JSON.stringify({ version: 1, autoDetector: [entry.name], models: [entry] }));
  return new ModelStore({ modelDir: folder, cacheDir: join(folder, 'cache'), manifest });
}

it.each([
  ['yolov8', tinyYolov8],
  ['scrfd', tinyScrfd],
] as const)(
  'finds the same with a %s network whose entry gives no names',
  async (type, network) => {
    const [onCpu = [], onGpu = []] = await findBoth(`tiny-${type}`, await storeOf(type, network()));

    expect(onCpu.length).toBeGreaterThan(3);
    expectAlike(onGpu, onCpu);
  },
  60_000,
);

for (const [model, file] of [
  ['scrfd', 'scrfd_500m_kps.onnx'],
  ['yolov8-lite-t-face', 'yolov8-lite-t-face.onnx'],
] as const) {
  const isHere = hasModel(file);
  it.skipIf(!isHere)(
    `finds the same people with ${model}${isHere ? '' : WHY_SKIPPED}`,
    async () => {
      const [onCpu = [], onGpu = []] = await findBoth(model, new ModelStore());

      expect(onCpu).toHaveLength(2);
      expectAlike(onGpu, onCpu);
    },
    60_000,
  );
}
