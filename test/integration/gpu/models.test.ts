import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Size } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import type { ModelFile } from '#src/stream/models/model-file.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import type { EmbedderEntry } from '#src/stream/models/manifest.js';
import { writeVariant } from '#src/stream/models/conversion/write-variant.adapter.js';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import type { GpuEmbeddings, GpuModel } from '#src/stream/native/types.js';
import { alignedSharpness } from '#src/stream/stages/reid/aligned-sharpness.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene, type Placed } from '../stream/stages/detect/footage.js';
import { COMMON, hasModel, WHY_SKIPPED } from './networks.js';
import { softGpu } from './soft-cuda.js';
import { expectAlike, TestDetector, type Crop } from './test-detector.js';

const HD: Size = { width: 1920, height: 1080 };
const addon = loadTestAddon();
let scene: Uint8Array;
let otherScene: Uint8Array;

const twoFaces: readonly Placed[] = [
  { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
  { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
];
const oneFace: readonly Placed[] = [{ clip: MAN_LAUGHING, x: 700, y: 200, scale: 2 }];

beforeAll(async () => {
  await addon.openGpu(softGpu());
  const clips = await fetchClips();
  [scene, otherScene] = await Promise.all([paintScene(clips, twoFaces), paintScene(clips, oneFace)]);
});

afterAll(() => {
  expect(addon.liveFrames()).toBe(0);
});

/** Runs with a frame on the GPU, and the same one in the host's memory. */
async function withFrame<T>(
  pixels: Uint8Array,
  work: (onGpu: FrameHandle, onHost: FrameHandle) => Promise<T>,
): Promise<T> {
  const onHost = addon.createFrame(HD, 'I420', pixels);
  const onGpu = await addon.uploadFrame(onHost);
  try {
    return await work(onGpu, onHost);
  } finally {
    addon.release(onGpu);
    addon.release(onHost);
  }
}

const left: Crop = { x: 60, y: 200, width: 800, height: 700 };
const beyondTheEdge: Crop = { x: 1100.5, y: 300.25, width: 900, height: 900 };

describe.each([
  { name: 'blazeface', file: undefined },
  { name: 'yunet', file: 'yunet_n_dynamic.onnx' },
  { name: 'scrfd', file: 'scrfd_500m_kps.onnx' },
  { name: 'yolov8-lite-t-face', file: 'yolov8-lite-t-face.onnx' },
])('$name', ({ name, file }) => {
  const isMissing = file !== undefined && !hasModel(file);

  it.skipIf(isMissing)(`finds what the CPU finds${isMissing ? WHY_SKIPPED : ''}`, async () => {
    const detector = await TestDetector.load(addon, name, { width: 640, height: 384 });
    const { id } = await addon.openGpuModel(detector.options);
    try {
      for (const pixels of [scene, otherScene]) {
        await withFrame(pixels, async (onGpu, onHost) => {
          for (const crop of [undefined, left, beyondTheEdge]) {
            expectAlike(await detector.find(id, onGpu, crop), await detector.findOnCpu(onHost, crop));
          }
        });
      }
      await withFrame(scene, async (onGpu) => {
        expect((await detector.find(id, onGpu, left)).length).toBeGreaterThan(0);
      });
    } finally {
      await Promise.all([addon.closeGpuModel(id), detector.close()]);
    }
  });
});

const NO_YUNET = !hasModel('yunet_n_dynamic.onnx');

describe('a network of any batch', () => {
  it.skipIf(NO_YUNET)(`finds in a batch what it finds alone${NO_YUNET ? WHY_SKIPPED : ''}`, async () => {
    const detector = await TestDetector.load(addon, 'yunet', { width: 640, height: 384 });
    const askers = await Promise.all([0, 1, 2].map(() => addon.openGpuModel(detector.options)));
    const crops = [undefined, left, beyondTheEdge, { x: 0, y: 0, width: 1000, height: 1080 }];
    try {
      await withFrame(scene, (first) =>
        withFrame(otherScene, async (second) => {
          const questions = [first, second].flatMap((handle) => crops.map((crop) => ({ handle, crop })));
          const alone: (readonly Detection[])[] = [];
          for (const { handle, crop } of questions) alone.push(await detector.find(askers[0]!.id, handle, crop));
          const before = addon.gpuModelStats(askers[0]!.id);

          const together = await Promise.all(
            questions.map(({ handle, crop }, i) => detector.find(askers[i % 3]!.id, handle, crop)),
          );

          const after = addon.gpuModelStats(askers[0]!.id);
          together.forEach((found, i) => expectAlike(found, alone[i]!));
          expect(after.frames - before.frames).toBe(questions.length);
          expect(after.runs - before.runs).toBeLessThan(questions.length);
        }),
      );
    } finally {
      await Promise.all([...askers.map(({ id }) => addon.closeGpuModel(id)), detector.close()]);
    }
  });

  it.each([{ fp16: false }, { fp16: true }])('may be one that was converted, %j', async ({ fp16 }) => {
    const folder = await mkdtemp(join(tmpdir(), 'diptych-batch-'));
    const detector = await TestDetector.load(addon, 'blazeface', HD, async (source) => {
      const destination = join(folder, 'converted.onnx');
      await writeVariant({ source, destination, fp16, dynamicBatch: true });
      return destination;
    });
    const model = await addon.openGpuModel(detector.options);
    try {
      expect(model.maxBatch).toBe(8);
      await withFrame(scene, async (onGpu, onHost) => {
        const crops = [left, undefined, beyondTheEdge, left, undefined];
        const found = await Promise.all(crops.map((crop) => detector.find(model.id, onGpu, crop)));
        for (const [i, crop] of crops.entries()) expectAlike(found[i]!, await detector.findOnCpu(onHost, crop));
        expect(addon.gpuModelStats(model.id).runs).toBeLessThan(crops.length);
      });
    } finally {
      await Promise.all([addon.closeGpuModel(model.id), detector.close(), rm(folder, { recursive: true })]);
    }
  });

  it('is run one by one where the file has a fixed batch', async () => {
    const detector = await TestDetector.load(addon, 'blazeface', HD);
    const model = await addon.openGpuModel(detector.options);
    try {
      expect(model).toMatchObject({
        maxBatch: 1,
        provider: 'cpu',
        graph: { isUsed: false, reason: 'runs on the CPU' },
      });
      await withFrame(scene, async (handle) => {
        await Promise.all([left, undefined, beyondTheEdge].map((crop) => detector.find(model.id, handle, crop)));
        expect(addon.gpuModelStats(model.id)).toMatchObject({ runs: 3, frames: 3 });
      });
    } finally {
      await Promise.all([addon.closeGpuModel(model.id), detector.close()]);
    }
  });
});

describe('bytes over the bus', () => {
  it('are the candidates alone for a frame on the GPU, and the frame too for one that is not', async () => {
    const detector = await TestDetector.load(addon, 'blazeface', HD);
    const { id } = await addon.openGpuModel(detector.options);
    try {
      await withFrame(scene, async (onGpu, onHost) => {
        const before = addon.gpuTraffic();
        await detector.find(id, onGpu, left);
        const between = addon.gpuTraffic();
        const found = await detector.find(id, onHost, left);
        const after = addon.gpuTraffic();

        expect(between.toHost.frame + between.toDevice.frame).toBe(before.toHost.frame + before.toDevice.frame);
        expect(between.toHost.result - before.toHost.result).toBeGreaterThan(0);
        expect(between.toHost.result - before.toHost.result).toBeLessThan(16_384);
        expect(between.toDevice.result - before.toDevice.result).toBeLessThan(1024);
        expect(after.toDevice.frame - between.toDevice.frame).toBe(scene.length);
        expectAlike(found, await detector.findOnCpu(onHost, left));
      });
    } finally {
      await Promise.all([addon.closeGpuModel(id), detector.close()]);
    }
  });
});

describe('an embedder', () => {
  let file: ModelFile<EmbedderEntry>;
  let model: GpuModel;
  let session: OnnxSession;

  beforeAll(async () => {
    file = await new ModelStore().resolveEmbedder('dlib-face-descriptor');
    model = await addon.openGpuModel(embedderOptions());
    session = await OnnxSession.open({ path: file.path, threads: 1 });
  });

  afterAll(() => Promise.all([addon.closeGpuModel(model.id), session.close()]));

  function embedderOptions() {
    const { channels, order, mean, scale, pad, size } = file.entry.input;
    return {
      ...COMMON,
      path: file.path,
      inputName: 'faces',
      outputNames: ['descriptors'],
      input: { ...size, channels, order, mean, scale, pad },
      embeddingLength: 128,
    };
  }

  /** Squares of the picture, turned a little: tensor → source. */
  const matrices = (count: number): readonly (readonly number[])[] =>
    Array.from({ length: count }, (_, i) => [1.5, -0.2, 150 + 200 * i, 0.2, 1.5, 350 + 20 * i]);

  async function embedOnCpu(handle: FrameHandle, matrix: readonly number[]) {
    const { input } = embedderOptions();
    const area = input.width * input.height;
    const tensor = new Float32Array(3 * area);
    addon.warpAffine(handle, matrix, input, tensor);
    const [output] = await session.run(tensor, [1, 3, input.height, input.width]);
    return { embedding: output!.data, sharpness: alignedSharpness(tensor.subarray(area, 2 * area), input) };
  }

  async function expectAsOnCpu(result: GpuEmbeddings, handle: FrameHandle, crops: readonly (readonly number[])[]) {
    expect(result.embeddings).toHaveLength(128 * crops.length);
    expect(result.sharpness).toHaveLength(crops.length);
    for (const [i, matrix] of crops.entries()) {
      const { embedding, sharpness } = await embedOnCpu(handle, matrix);
      const difference = Math.max(...embedding.map((value, k) => Math.abs(value - result.embeddings[i * 128 + k]!)));
      expect(difference).toBeLessThan(1e-4);
      expect(result.sharpness[i]).toBeCloseTo(sharpness, 5);
    }
  }

  it.each([1, 3, 8])('gives %i crops the numbers of the CPU', async (count) => {
    await withFrame(scene, async (onGpu, onHost) => {
      const result = await addon.embedOnGpu(model.id, onGpu, Float64Array.from(matrices(count).flat()));

      await expectAsOnCpu(result, onHost, matrices(count));
    });
  });

  it('keeps apart what several streams ask at once', async () => {
    const other = await addon.openGpuModel(embedderOptions());
    await withFrame(scene, (first, firstOnHost) =>
      withFrame(otherScene, async (second, secondOnHost) => {
        const [a, b, c] = await Promise.all([
          addon.embedOnGpu(model.id, first, Float64Array.from(matrices(5).flat())),
          addon.embedOnGpu(other.id, second, Float64Array.from(matrices(2).flat())),
          addon.embedOnGpu(other.id, first, Float64Array.from(matrices(7).flat())),
        ]);

        await expectAsOnCpu(a, firstOnHost, matrices(5));
        await expectAsOnCpu(b, secondOnHost, matrices(2));
        await expectAsOnCpu(c, firstOnHost, matrices(7));
      }),
    );
    await addon.closeGpuModel(other.id);
  });

  it('gives nothing for no crops', async () => {
    await withFrame(scene, async (onGpu) => {
      expect(await addon.embedOnGpu(model.id, onGpu, new Float64Array())).toEqual({
        embeddings: new Float32Array(),
        sharpness: new Float64Array(),
      });
    });
  });
});
