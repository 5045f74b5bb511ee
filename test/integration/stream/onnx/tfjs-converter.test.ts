import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';

/**
 * What @tensorflow/tfjs 4.22 (its `cpu` backend) gives for `picture` with the same files: all of MoveNet's 6 × 56
 * numbers; each 97th anchor of the full-range face detector (score, box and points); each 211th of NanoDet, as
 * middle, size and score of people.
 */
const reference = JSON.parse(readFileSync(new URL('tfjs-reference.json', import.meta.url), 'utf8')) as {
  readonly movenet: readonly number[];
  readonly faces: readonly number[];
  readonly people: readonly (readonly number[])[];
};

const pixel = (x: number, y: number, channel: number): number =>
  ((x * x + 2 * y * y + x * y + 85 * channel) >> 4) & 255;

function picture(width: number, height: number, order: 'nchw' | 'nhwc', scale: number, shift: number): Float32Array {
  const tensor = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const at = order === 'nchw' ? (c * height + y) * width + x : (y * width + x) * 3 + c;
        tensor[at] = pixel(x, y, c) * scale + shift;
      }
    }
  }
  return tensor;
}

async function run(model: string, tensor: Float32Array, dims: readonly number[]) {
  const { path, entry } = await new ModelStore().fetch(model);
  const session = await OnnxSession.open({ path, threads: 1, inputName: entry.input.name, outputNames: entry.outputs });
  try {
    return (await session.run(tensor, dims)).map(({ data }) => Float32Array.from(data));
  } finally {
    await session.close();
  }
}

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const difference = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(difference).toBeLessThan(tolerance);
}

describe('models that are converted from TensorFlow.js', () => {
  it('MoveNet gives what it gives there, at any size, in pixels and in the order of YOLOv8-pose', async () => {
    const [width, height] = [160, 128];

    const [poses] = await run('movenet', picture(width, height, 'nhwc', 1, 0), [1, height, width, 3]);

    for (let row = 0; row < 6; row++) {
      const values = reference.movenet.slice(row * 56, row * 56 + 56);
      const [top, left, bottom, right, score] = values.slice(51) as [number, number, number, number, number];
      const points = Array.from({ length: 17 }, (_, k) => [
        values[3 * k + 1]! * width,
        values[3 * k]! * height,
        values[3 * k + 2]!,
      ]);
      const box = [((left + right) / 2) * width, ((top + bottom) / 2) * height];
      expectNear(
        [...poses!.subarray(row * 56, row * 56 + 56)],
        [...box, (right - left) * width, (bottom - top) * height, 2.5 * score, ...points.flat()],
        1e-3,
      );
    }
    expect(Math.max(...poses!.subarray(6 * 56).map(Math.abs))).toBe(0);
  });

  it('the full-range face detector gives what it gives there', async () => {
    const [scores, boxes] = await run('full-range-face', picture(192, 192, 'nhwc', 1 / 127.5, -1), [1, 192, 192, 3]);

    const sampled = Array.from({ length: Math.ceil(2304 / 97) }, (_, i) => 97 * i);
    const values = sampled.flatMap((anchor) => [scores![anchor]!, ...boxes!.subarray(anchor * 16, anchor * 16 + 16)]);
    expectNear(values, reference.faces, 5e-3);
  });

  it('NanoDet gives the boxes that its distributions mean', async () => {
    const [people] = await run('nanodet', picture(416, 416, 'nchw', 1 / 255, 0), [1, 3, 416, 416]);

    const rows = reference.people.flatMap((_, i) => [...people!.subarray(211 * i * 5, 211 * i * 5 + 5)]);
    expectNear(rows, reference.people.flat(), 1e-2);
  });
});
