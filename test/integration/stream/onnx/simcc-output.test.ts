import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { decodeOnnx, encodeOnnx } from '#src/stream/onnx/onnx-file.js';
import { findSimcc, IMAGENET_PIXELS, POSE_VALUES, readAsPoses } from '#src/stream/onnx/simcc-output.js';
import { POSE_SIZE, writeBrightnessPose, writePose, type MadePoseOptions } from '../stages/detect/made-networks.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'diptych-simcc-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a network that was taken in gives for these pictures; `pixelAt` gives the numbers of the tensor. */
async function poses(path: string, count: number, pixelAt: (i: number) => number = () => 0, splitRatio = 2) {
  const model = decodeOnnx(await readFile(path), path);
  readAsPoses(model, { x: 'simcc_x', y: 'simcc_y', splitRatio, keypoints: 17 }, IMAGENET_PIXELS);
  const read = join(folder, 'read.onnx');
  await writeFile(read, encodeOnnx(model));
  const session = await OnnxSession.open({ path: read, threads: 1 });
  try {
    const length = count * 3 * POSE_SIZE.width * POSE_SIZE.height;
    const [output, ...others] = await session.run(
      Float32Array.from({ length }, (_, i) => pixelAt(i)),
      [count, 3, POSE_SIZE.height, POSE_SIZE.width],
    );
    expect(others).toEqual([]);
    expect(output!.dims).toEqual([count, POSE_VALUES]);
    return output!.data;
  } finally {
    await session.close();
  }
}

const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 4) as unknown);

describe('readAsPoses', () => {
  const places = Array.from({ length: 17 }, (_, k) => [20 * k, 511 - 10 * k, 0.1 + k / 20] as const);

  it('takes the largest number of each row for the place, in pixels of the input', async () => {
    const values = await poses(await writePose(join(folder, 'pose.onnx'), places), 1);

    const expected = places.flatMap(([column, line, score]) => [column / 2 + 0.5, line / 2 + 0.5, score]);
    expect([...values]).toEqual(close(expected));
  });

  it('reads every picture of a batch, and the first 17 of more points', async () => {
    for (const keypoints of [26, 133]) {
      const values = await poses(await writePose(join(folder, 'pose.onnx'), places, { keypoints }), 3);

      expect([...values.subarray(2 * POSE_VALUES, 2 * POSE_VALUES + 3)]).toEqual(close([0.5, 256, 0.1]));
    }
  });

  it('takes the smaller of the two scores, and other split ratios', async () => {
    const path = await writePose(join(folder, 'pose.onnx'), [[573, 3, 0.8]], { splitRatio: 3 });
    const model = decodeOnnx(await readFile(path), path);
    const lines = model.graph.initializer.find(({ name }) => name === 'lines')!;
    lines.rawData = new Uint8Array(Float32Array.from({ length: 17 * 768 }, (_, i) => (i % 768 === 7 ? 0.3 : 0)).buffer);
    await writeFile(path, encodeOnnx(model));

    expect([...(await poses(path, 1, undefined, 3)).subarray(0, 3)]).toEqual(close([191.5, 7 / 3 + 0.5, 0.3]));
  });

  it('gives each colour its own mean and scale', async () => {
    const area = POSE_SIZE.width * POSE_SIZE.height;
    const path = await writeBrightnessPose(join(folder, 'bright.onnx'));

    const values = await poses(path, 1, (i) =>
      i % POSE_SIZE.width === 40 ? 255 : IMAGENET_PIXELS.mean[Math.floor(i / area)]!,
    );

    // Of all but one column nothing is left.
    const { mean, std } = IMAGENET_PIXELS;
    const white = mean.reduce((sum, each, i) => sum + (255 - each) / std[i]! / 3, 0);
    expect([...values.subarray(0, 3)]).toEqual(close([40.5, 0.5, 1 / (1 + Math.exp(-white / POSE_SIZE.width))]));
  });
});

describe('findSimcc', () => {
  const shapes = (x: readonly number[], y: readonly number[], names = ['simcc_x', 'simcc_y']) => [
    { name: names[0]!, dims: x },
    { name: names[1]!, dims: y },
  ];

  it.each<[string, readonly number[], readonly number[], readonly [number, number], Partial<MadePoseOptions>?]>([
    ['256×192', [1, 17, 384], [1, 17, 512], [192, 256]],
    ['384×288', [1, 17, 576], [1, 17, 768], [288, 384]],
    ['26 points', [1, 26, 384], [1, 26, 512], [192, 256]],
    ['the whole body', [1, 133, 576], [1, 133, 768], [288, 384]],
  ])('knows RTMPose: %s', (_, x, y, [width, height]) => {
    const found = { x: 'simcc_x', y: 'simcc_y', splitRatio: 2, keypoints: x[1]! };
    expect(findSimcc({ width, height }, shapes(x, y))).toEqual(found);
    expect(findSimcc({ width, height }, [...shapes(x, y)].reverse())).toEqual(found);
  });

  it('knows it by its shapes where its names are others', () => {
    const outputs = shapes([1, 17, 384], [1, 17, 512], ['700', '701']);
    expect(findSimcc({ width: 192, height: 256 }, outputs)).toMatchObject({ x: '700', y: '701' });
  });

  it.each([
    ['scores and boxes', [1, 2304, 1], [1, 2304, 16]],
    ['one-stage poses', [1, 100, 5], [1, 100, 51]],
    ['heat maps', [1, 17, 48], [1, 17, 64]],
  ])('leaves others alone: %s', (_, x, y) => {
    expect(findSimcc({ width: 192, height: 256 }, shapes(x, y, ['a', 'b']))).toBeUndefined();
  });

  it('refuses points that are not those of a body, and shapes that do not fit the input', () => {
    expect(() => findSimcc({ width: 192, height: 256 }, shapes([1, 21, 384], [1, 21, 512]))).toThrow(
      'the network gives 21 keypoints (simcc_x 1×21×384 and simcc_y 1×21×512); 17 (COCO), 26 (Halpe) and 133',
    );
    expect(() => findSimcc({ width: 192, height: 256 }, shapes([1, 17, 384], [1, 17, 384]))).toThrow(
      'the network gives simcc_x 1×17×384 and simcc_y 1×17×384 for an input of 192×256',
    );
  });
});
