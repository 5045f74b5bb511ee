import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import type { GpuModelOptions } from '#src/stream/native/types.js';
import { COMMON, ONNX_RUNTIME } from './networks.js';
import { inOwnProcess } from './own-process.js';
import { softGpu } from './soft-cuda.js';

const addon = loadTestAddon();
/** A grey picture of this size is asked about: nothing is found in it. */
const SIZE = { width: 320, height: 240 };
const PICTURE = new Uint8Array(SIZE.width * SIZE.height * 1.5).fill(128);
const ONE_CROP = [1, 0, 20, 0, 1, 20];

let folder: string;
let embedder: GpuModelOptions;
let detector: GpuModelOptions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-models-'));
  const store = new ModelStore();
  const [face, descriptor] = await Promise.all([
    store.resolveDetector('blazeface'),
    store.resolveEmbedder('dlib-face-descriptor'),
  ]);
  detector = {
    ...COMMON,
    path: face.path,
    inputName: 'input:0',
    outputNames: ['Identity:0', 'Identity_1:0', 'Identity_2:0', 'Identity_3:0'],
    input: { width: 256, height: 256, channels: 'RGB', order: 'nhwc', mean: 127.5, scale: 1 / 127.5, pad: 0 },
    decode: { type: 'blazeface', anchors: new Float32Array(896 * 2).fill(0.5), keypoints: 6 },
  };
  embedder = {
    ...COMMON,
    path: descriptor.path,
    inputName: 'faces',
    outputNames: ['descriptors'],
    input: { width: 150, height: 150, channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 },
    embeddingLength: 128,
  };
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

describe('a network', () => {
  it('needs a GPU that is open', async () => {
    await expect(addon.openGpuModel(embedder)).rejects.toMatchObject({
      code: 'DIPTYCH_E_GPU',
      message: 'no GPU is open; call openGpu first',
    });
  });

  it('is loaded once for all who open it, and freed with the last', async () => {
    await addon.openGpu(softGpu());
    const before = addon.gpuMemory().ownBytes;
    const first = await addon.openGpuModel(embedder);
    const withOne = addon.gpuMemory().ownBytes;
    const second = await addon.openGpuModel(embedder);
    const third = await addon.openGpuModel({ ...embedder, maxBatch: 1 });

    expect(withOne).toBeGreaterThan(before);
    expect(second).toEqual({ ...first, id: second.id });
    expect(third.maxBatch).toBe(1);
    const fourth = await addon.openGpuModel({ ...embedder, maxBatch: 32 });
    // No question to an embedder has more.
    expect(fourth.maxBatch).toBe(8);
    await addon.closeGpuModel(fourth.id);
    expect(new Set([first.id, second.id, third.id]).size).toBe(3);
    const withThree = addon.gpuMemory().ownBytes;
    await addon.closeGpuModel(third.id);
    expect(addon.gpuMemory().ownBytes).toBe(withOne);
    expect(withThree).toBeGreaterThan(withOne);
    await addon.closeGpuModel(first.id);
    expect(addon.gpuMemory().ownBytes).toBe(withOne);
    await addon.closeGpuModel(second.id);
    expect(addon.gpuMemory().ownBytes).toBe(before);
  });

  it('answers what was asked before it was closed', async () => {
    const { id } = await addon.openGpuModel(embedder);
    const handle = addon.createFrame(SIZE, 'I420', PICTURE);
    const answers = Array.from({ length: 12 }, () => addon.embedOnGpu(id, handle, Float64Array.from(ONE_CROP)));
    const closing = addon.closeGpuModel(id);
    addon.release(handle);

    expect(() => addon.gpuModelStats(id)).toThrow(/id: expected the id of an open model/);
    for (const { embeddings } of await Promise.all(answers)) expect(embeddings).toHaveLength(128);
    await closing;
  });

  it('waits for nobody while one stream asks, and is never asked more than it takes', async () => {
    const { id } = await addon.openGpuModel({ ...embedder, maxWaitMs: 1000, maxBatch: 2 });
    const handle = addon.createFrame(SIZE, 'I420', PICTURE);
    for (let i = 0; i < 3; i++)
      await addon.embedOnGpu(id, handle, Float64Array.from([...ONE_CROP, ...ONE_CROP, ...ONE_CROP]));
    addon.release(handle);

    const { runs, frames, waitMs, deviceMs, totalMs } = addon.gpuModelStats(id);
    expect({ runs, frames }).toEqual({ runs: 3, frames: 9 });
    expect(waitMs.p95).toBeLessThan(1000);
    expect(deviceMs.p50).toBeGreaterThan(0);
    expect(totalMs.p50).toBeGreaterThanOrEqual(deviceMs.p50);
    await addon.closeGpuModel(id);
  });

  it('has no times before its first run', async () => {
    const { id } = await addon.openGpuModel(embedder);

    const none = { p50: 0, p95: 0 };
    expect(addon.gpuModelStats(id)).toEqual({ runs: 0, frames: 0, waitMs: none, deviceMs: none, totalMs: none });
    await addon.closeGpuModel(id);
  });
});

describe('what is wrong with a network', () => {
  beforeAll(() => addon.openGpu(softGpu()));

  it.each<[string, Partial<GpuModelOptions>, string, RegExp]>([
    ['no file', { path: '/nowhere.onnx' }, 'DIPTYCH_E_MODEL', /^\/nowhere.onnx is no model that can be run: .*exist/],
    ['another input', { inputName: 'images' }, 'DIPTYCH_E_MODEL', /has no input images; it is not the model/],
    ['another output', { outputNames: ['boxes'] }, 'DIPTYCH_E_MODEL', /has no output boxes; it is not the model/],
    [
      'another length',
      { embeddingLength: 64 },
      'DIPTYCH_E_MODEL',
      /gives 1024 numbers for 8 pictures, expected 64 each/,
    ],
    [
      'another size',
      { input: { width: 112, height: 150, channels: 'RGB', order: 'nchw', mean: 0, scale: 1, pad: 0 } },
      'DIPTYCH_E_MODEL',
      /takes \?×3×150×150 in its input faces, not 1×3×150×112/,
    ],
    [
      'another order',
      { input: { width: 150, height: 150, channels: 'RGB', order: 'nhwc', mean: 0, scale: 1, pad: 0 } },
      'DIPTYCH_E_MODEL',
      /takes \?×3×150×150 in its input faces, not 1×150×150×3/,
    ],
    ['another kind', { decode: { type: 'yunet', strides: [8] } }, 'DIPTYCH_E_MODEL', /YuNet|output/],
    [
      'no CUDA provider',
      { provider: 'cuda' },
      'DIPTYCH_E_GPU',
      /CUDA provider can't be used: .*providers_cuda.so is not/,
    ],
    [
      'no TensorRT',
      { provider: 'tensorrt' },
      'DIPTYCH_E_GPU',
      /TensorRT provider can't be used: .*_tensorrt.so is not/,
    ],
    [
      'no onnxruntime',
      { library: '/nowhere/lib.so' },
      'DIPTYCH_E_GPU',
      /onnxruntime can't be opened: \/nowhere\/lib.so/,
    ],
  ])('is told: %s', async (_, wrong, code, message) => {
    const before = addon.gpuMemory().ownBytes;

    await expect(addon.openGpuModel({ ...embedder, ...wrong })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(addon.gpuMemory().ownBytes).toBe(before);
  });

  it('is told in the words of the loader where a library of the provider does not load', async () => {
    const library = join(folder, 'libonnxruntime.so.1');
    await copyFile(ONNX_RUNTIME, library);
    await writeFile(join(folder, 'libonnxruntime_providers_cuda.so'), 'no library');

    await expect(addon.openGpuModel({ ...embedder, library, provider: 'cuda' })).rejects.toMatchObject({
      code: 'DIPTYCH_E_GPU',
      message: expect.stringMatching(/providers_shared.so is not there/) as string,
    });
    await writeFile(join(folder, 'libonnxruntime_providers_shared.so'), 'no library');
    await expect(addon.openGpuModel({ ...embedder, library, provider: 'cuda' })).rejects.toMatchObject({
      code: 'DIPTYCH_E_GPU',
      message: expect.stringMatching(/_shared.so: (file too short|invalid ELF header)/) as string,
    });
  });

  it.each<[object, RegExp]>([
    [{ path: 1 }, /options.path: expected a string/],
    [{ provider: 'opencl' }, /options.provider: expected "cuda", "tensorrt" or "cpu", got "opencl"/],
    [{ outputNames: 'descriptors' }, /options.outputNames: expected an array/],
    [{ outputNames: [1] }, /options.outputNames\[0\]: expected a string/],
    [{ input: { width: 0 } }, /options.input.width: expected a whole number/],
    [{ maxBatch: 33 }, /options.maxBatch: expected a whole number from 1 to 32/],
    [{ maxWaitMs: -1 }, /options.maxWaitMs: expected a number from 0/],
    [{ embeddingLength: 0 }, /options.embeddingLength: expected a whole number/],
    [{ decode: { type: 'ssd' } }, /options.decode.type: expected "yolov8"/],
    [{ decode: { type: 'scrfd', strides: [0], anchorsPerCell: 2 } }, /options.decode.strides\[0\]/],
    [{ decode: { type: 'blazeface', anchors: [1], keypoints: 6 } }, /options.decode.anchors: expected a Float32Array/],
  ])('is refused at once: %j', (wrong, message) => {
    expect(() => addon.openGpuModel({ ...embedder, ...wrong })).toThrow(message);
  });

  it('is refused at once in a question', async () => {
    const [finds, embeds] = await Promise.all([addon.openGpuModel(detector), addon.openGpuModel(embedder)]);
    const handle = addon.createFrame(SIZE, 'I420', PICTURE);
    const question = { scoreThreshold: 0.5 };

    expect(() => addon.detectOnGpu(embeds.id, handle, question)).toThrow(/id: expected the id of a detector/);
    expect(() => addon.embedOnGpu(finds.id, handle, new Float64Array(6))).toThrow(/id: expected the id of an embedder/);
    expect(() => addon.detectOnGpu(0, handle, question)).toThrow(/id: expected the id of an open model, got 0/);
    expect(() => addon.detectOnGpu(finds.id, 0, question)).toThrow(/handle: expected the handle of a living frame/);
    expect(() => addon.detectOnGpu(finds.id, handle, { scoreThreshold: 2 })).toThrow(/question.scoreThreshold/);
    expect(() =>
      addon.detectOnGpu(finds.id, handle, { ...question, crop: { x: 0, y: 0, width: 0, height: 1 } }),
    ).toThrow(/question.crop.width/);
    expect(() => addon.embedOnGpu(embeds.id, handle, new Float64Array(7))).toThrow(/matrices: expected 6 numbers each/);
    expect(() => addon.embedOnGpu(embeds.id, handle, new Float64Array(54))).toThrow(/at most 8 crops, got 54/);
    expect(() => addon.embedOnGpu(embeds.id, handle, new Float64Array(6).fill(NaN))).toThrow(/matrices: .*nan/);
    addon.release(handle);
    await Promise.all([addon.closeGpuModel(finds.id), addon.closeGpuModel(embeds.id)]);
  });
});

describe('a process', () => {
  const OPEN = `
    await addon.openGpu(input.gpu);
    const { id } = await addon.openGpuModel(input.model);
    const handle = addon.createFrame({ width: 320, height: 240 }, 'I420', new Uint8Array(320 * 240 * 1.5));
    const ask = () => addon.embedOnGpu(id, handle, Float64Array.of(1, 0, 20, 0, 1, 20));`;

  it('whose GPU is lost is told so by everything, and ends as it should', async () => {
    const told = await inOwnProcess<readonly string[]>(
      `${OPEN}
      await ask();
      addon.injectFault();
      const settled = await Promise.allSettled([ask(), addon.openGpuModel({ ...input.model, maxBatch: 1 })]);
      await addon.closeGpuModel(id);
      resolve([...settled.map(({ reason }) => reason.code), addon.gpuLostReason()]);`,
      { gpu: softGpu(), model: embedder },
    );

    expect(told).toEqual(['DIPTYCH_E_GPU_LOST', 'DIPTYCH_E_GPU_LOST', expect.stringContaining('ILLEGAL_ADDRESS')]);
  });

  it('whose GPU has too little memory is told so', async () => {
    const opening = inOwnProcess(OPEN, { gpu: softGpu(), model: embedder }, { SOFTCUDA_MEMORY_MB: '1' });

    await expect(opening).rejects.toThrow(/^DIPTYCH_E_GPU_LOST .*memory/i);
  });

  it.each([
    ['at once', 'ask(); resolve(true); process.exit(0);'],
    ['with questions open', 'const all = [ask(), ask(), ask()]; await all[0]; resolve(true); process.exit(0);'],
    ['by itself', 'ask(); resolve(true);'],
  ])('that has a network can end %s', async (_, ending) => {
    expect(await inOwnProcess<boolean>(`${OPEN} ${ending}`, { gpu: softGpu(), model: embedder })).toBe(true);
  });
});
