import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import type { GpuModelOptions } from '#src/stream/native/types.js';
import { addon, packed, plainPicture } from '../pixels/pictures.js';
import { COMMON } from './networks.js';
import { networkOf } from './random-network.js';
import { softGpu } from './soft-cuda.js';

const SIZE = { width: 320, height: 192 };
const pixels = packed(plainPicture(SIZE, [235, 128, 128]), 'I420');
let folder: string;
let options: GpuModelOptions;

beforeAll(async () => {
  await addon.openGpu(softGpu());
  folder = await mkdtemp(join(tmpdir(), 'diptych-large-batch-'));
  const path = join(folder, 'a.onnx');
  const next = seededRandom(1);
  // Of each anchor a box, then its score.
  const value = (i: number): number => (i % 5 < 4 ? next() * 300 : next());
  await writeFile(path, networkOf([{ dims: [1600, 5], value }], SIZE));
  options = {
    ...{ ...COMMON, maxBatch: 32, maxWaitMs: 1000 },
    path,
    inputName: 'x',
    outputNames: ['output0'],
    input: { ...SIZE, channels: 'RGB', order: 'nchw', mean: 0, scale: 1 / 255, pad: 0 },
    decode: { type: 'yolov8', classes: 1, keypoints: 0 },
  };
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

it.each([
  { count: 4, runs: 1 },
  // Eight, and what is left: most places of 32 would be empty.
  { count: 13, runs: 2 },
  { count: 20, runs: 1 },
  { count: 40, runs: 2 },
])('is run for $count pictures in $runs', async ({ count, runs }) => {
  const [first, second] = [await addon.openGpuModel(options), await addon.openGpuModel(options)];
  const handle = addon.createFrame(SIZE, 'I420', pixels);
  const ask = (id: number) => addon.detectOnGpu(id, handle, { scoreThreshold: 0.5 });
  try {
    expect(first.maxBatch).toBe(32);
    // Again where the machine was so busy that the second stream was not waited for.
    await vi.waitFor(
      async () => {
        await ask(second.id);
        const before = addon.gpuModelStats(first.id);
        await Promise.all(Array.from({ length: count }, (_, i) => ask(i === count - 1 ? second.id : first.id)));
        expect(addon.gpuModelStats(first.id).runs - before.runs).toBe(runs);
      },
      { timeout: 30_000 },
    );
  } finally {
    addon.release(handle);
    await Promise.all([first, second].map(({ id }) => addon.closeGpuModel(id)));
  }
});

it('brings as little to the host for one picture as a small one', async () => {
  const handle = addon.createFrame(SIZE, 'I420', pixels);
  const bytes: number[] = [];
  for (const maxBatch of [1, 8, 32]) {
    const { id } = await addon.openGpuModel({ ...options, maxBatch });
    const before = addon.gpuTraffic().toHost.result;
    await addon.detectOnGpu(id, handle, { scoreThreshold: 0.999 });
    bytes.push(addon.gpuTraffic().toHost.result - before);
    await addon.closeGpuModel(id);
  }
  addon.release(handle);

  expect(new Set(bytes).size).toBe(1);
  expect(bytes[0]).toBeLessThan(2048);
});
