import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#src/shared/random.js';
import type { Size } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import type { GpuModelOptions } from '#src/stream/native/types.js';
import { candidateSpecOf, readCandidates } from '#src/stream/stages/detect/candidates.js';
import { createDecoder, type DecoderSpec } from '#src/stream/stages/detect/decoders.js';
import { addon, packed, plainPicture } from '../pixels/pictures.js';
import { COMMON } from './networks.js';
import { networkOf, type Output } from './random-network.js';
import { softGpu } from './soft-cuda.js';

/** The mapping of a picture of the input's own size. */
const SAME = { ratio: 1, offset: { x: 0, y: 0 }, origin: { x: 0, y: 0 } };

interface Case {
  readonly name: string;
  readonly spec: DecoderSpec;
  readonly input: Size;
  readonly outputs: (next: () => number) => readonly Output[];
}

let folder: string;
beforeAll(async () => {
  await addon.openGpu(softGpu());
  folder = await mkdtemp(join(tmpdir(), 'diptych-decode-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

const numbersOf = ({ box, score, landmarks = [] }: Detection): readonly number[] => [
  score,
  ...[box.x, box.y, box.width, box.height],
  ...landmarks.flatMap(({ x, y }) => [x, y]),
];

/** The same finds in the same order; numbers of a few hundreds come in single precision. */
function expectAlike(found: readonly Detection[], expected: readonly Detection[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, detection] of expected.entries()) {
    const numbers = numbersOf(found[i]!);
    numbersOf(detection).forEach((number, k) => expect(Math.abs(numbers[k]! - number)).toBeLessThan(1e-4));
  }
}

const yolov8 = (classes: number, keypoints: number): DecoderSpec => ({ type: 'yolov8', classes, keypoints });

/** One output of channels × anchors: boxes anywhere, few scores that are high. */
const exported =
  (channels: number, isTransposed: boolean) =>
  (next: () => number): Output[] => {
    const anchors = 1600;
    const channelOf = (i: number): number => (isTransposed ? i % channels : Math.floor(i / anchors));
    return [
      {
        dims: isTransposed ? [anchors, channels] : [channels, anchors],
        value: (i) => (channelOf(i) < 4 ? next() * 300 : next() ** 8 * 1.05),
      },
    ];
  };

/** For each stride of 8, 16 and 32 an output of `each` numbers a cell, `perCell` times. */
const levels = ({ width, height }: Size, perCell: number, each: number, value: () => number): Output[] =>
  [8, 16, 32].map((stride) => ({
    dims: [Math.floor(width / stride) * Math.floor(height / stride) * perCell, each],
    value,
  }));

const HEADS: Size = { width: 320, height: 192 };
const FACES: Size = { width: 320, height: 352 };

const cases: readonly Case[] = [
  { name: 'YOLOv8 of 80 classes', spec: yolov8(80, 0), input: HEADS, outputs: exported(84, false) },
  { name: 'YOLOv8 turned round', spec: yolov8(1, 0), input: HEADS, outputs: exported(5, true) },
  { name: 'YOLOv8 with five points', spec: yolov8(1, 5), input: HEADS, outputs: exported(20, false) },
  {
    name: 'YOLOv8 with points that are not told to be seen',
    spec: yolov8(1, 5),
    input: HEADS,
    outputs: exported(15, false),
  },
  {
    name: 'raw heads of YOLOv8',
    spec: yolov8(1, 5),
    input: HEADS,
    outputs: (next) =>
      [8, 16, 32].map((stride) => {
        const cells = (HEADS.width / stride) * (HEADS.height / stride);
        return {
          dims: [80, HEADS.height / stride, HEADS.width / stride],
          value: (i) => (Math.floor(i / cells) === 64 ? next() * 12 - 8 : next() * 8 - 4),
        };
      }),
  },
  {
    name: 'SCRFD',
    spec: { type: 'scrfd' },
    input: FACES,
    outputs: (next) => [
      ...levels(FACES, 2, 1, () => next() ** 6 * 1.01),
      ...levels(FACES, 2, 4, () => next() * 9),
      ...levels(FACES, 2, 10, () => next() * 9 - 4),
    ],
  },
  {
    name: 'YuNet',
    spec: { type: 'yunet' },
    input: FACES,
    outputs: (next) => [
      ...levels(FACES, 1, 1, () => next() ** 3 * 1.01),
      ...levels(FACES, 1, 1, () => next() ** 2 * 1.1 - 0.05),
      ...levels(FACES, 1, 4, () => next() * 4 - 2),
      ...levels(FACES, 1, 10, () => next() * 9 - 4),
    ],
  },
  {
    name: 'BlazeFace',
    spec: { type: 'blazeface' },
    input: { width: 256, height: 256 },
    outputs: (next) => [
      ...[512, 384].map((anchors) => ({ dims: [anchors, 1], value: () => next() * 12 - 8 })),
      ...[512, 384].map((anchors) => ({ dims: [anchors, 16], value: () => next() * 100 })),
    ],
  },
];

describe.each(cases)('random outputs of $name', ({ name, spec, input, outputs }) => {
  const pixels = (luma: number): Uint8Array => packed(plainPicture(input, [luma, 128, 128]), 'I420');

  it.each([
    { maxBatch: 8, rounds: 1 },
    { maxBatch: 32, rounds: 6 },
  ])('give the candidates of its decoder, for each picture of a batch: $maxBatch', async ({ maxBatch, rounds }) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.onnx`);
    const made = outputs(seededRandom(name.length));
    await writeFile(path, networkOf(made, input));
    const outputNames = made.map((_, k) => `output${k}`);
    const options: GpuModelOptions = {
      ...{ ...COMMON, maxBatch, maxWaitMs: 500 },
      path,
      inputName: 'x',
      outputNames,
      input: { ...input, channels: 'RGB', order: 'nchw', mean: 0, scale: 1 / 255, pad: 0 },
      decode: candidateSpecOf(spec),
    };
    const session = await OnnxSession.open({ path, threads: 1, inputName: 'x', outputNames });
    // While the second stream is waited for, the first one's questions gather.
    const [{ id }, second] = [await addon.openGpuModel(options), await addon.openGpuModel(options)];
    const frames: FrameHandle[] = [];
    try {
      const questions = [
        { luma: 235, scoreThreshold: 0.5 },
        { luma: 200, scoreThreshold: 0.25 },
        { luma: 220, scoreThreshold: 0.9 },
        // More than are handed over.
        { luma: 235, scoreThreshold: 0.01 },
      ];
      for (const { luma } of questions) frames.push(addon.createFrame(input, 'I420', pixels(luma)));

      await addon.detectOnGpu(second.id, frames[0]!, { scoreThreshold: 0.5 });
      const before = addon.gpuModelStats(id);
      const asked = Array.from({ length: rounds * questions.length }, (_, i) => i % questions.length);
      const answers = await Promise.all(
        asked.map((which, i) =>
          addon.detectOnGpu(i === asked.length - 1 ? second.id : id, frames[which]!, questions[which]!),
        ),
      );
      const after = addon.gpuModelStats(id);
      const mean = (after.frames - before.frames) / (after.runs - before.runs);
      expect(mean).toBeGreaterThan(maxBatch / 4);

      const bytes = (input.width * input.height * 3) / 2;
      const textured = addon.createFrame(
        input,
        'I420',
        Uint8Array.from({ length: bytes }, (_, at) => (at * 31 + (at >> 7)) % 256),
      );
      frames.push(textured);
      const sketched = await Promise.all(
        [undefined, 7, 1].map((sketchStep) =>
          addon.detectOnGpu(id, textured, { scoreThreshold: 0.5, ...(sketchStep !== undefined && { sketchStep }) }),
        ),
      );
      expect(sketched.map(({ sketch }) => sketch)).toEqual([
        undefined,
        addon.lumaSketch(textured, 7),
        addon.lumaSketch(textured, 1),
      ]);

      for (const [i, { scoreThreshold }] of questions.entries()) {
        const tensor = new Float32Array(3 * input.width * input.height);
        addon.letterbox(frames[i]!, options.input, tensor);
        const raw = await session.run(tensor, [1, 3, input.height, input.width]);
        const all = createDecoder(spec, 'face')(raw, { input, mapping: SAME, scoreThreshold });
        const strongest = all
          .map((detection, anchor) => ({ detection, anchor, score: Math.fround(detection.score) }))
          .sort((a, b) => b.score - a.score || a.anchor - b.anchor)
          .slice(0, 256)
          .sort((a, b) => a.anchor - b.anchor)
          .map(({ detection }) => detection);

        for (const answer of answers.filter((_, k) => asked[k] === i)) {
          expect(answer.mapping).toEqual({ ratio: 1, offset: { x: 0, y: 0 } });
          expect(answer.isCut).toBe(all.length > 256);
          expectAlike(readCandidates(answer, { spec, kind: 'face', mapping: SAME }), strongest);
        }
        expect(strongest.length).toBeGreaterThan(0);
      }
    } finally {
      for (const frame of frames) addon.release(frame);
      await Promise.all([addon.closeGpuModel(id), addon.closeGpuModel(second.id), session.close()]);
    }
  });
});
