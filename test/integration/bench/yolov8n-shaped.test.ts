import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeYolov8nShaped } from '../../bench/yolov8n-shaped.adapter.js';
import { ANCHORS, INPUT_SIDE } from '../../bench/yolov8n-shaped.js';
import { OnnxSession } from '#src/stream/inference/onnx-session.adapter.js';

const PLANE = INPUT_SIDE * INPUT_SIDE;
const VALUES = 3 * PLANE;
const ROWS = 84;

/** Waves of colour, finer towards the bottom right, 0 … 1. */
const picture = (phase: number): Float32Array =>
  Float32Array.from({ length: VALUES }, (_, i) => {
    const [x, y] = [i % INPUT_SIDE, Math.floor((i % PLANE) / INPUT_SIDE)];
    return 0.5 + 0.3 * Math.sin(phase + x ** 1.5 / 400 + i / PLANE) + 0.2 * Math.cos(y ** 1.6 / 700);
  });

let folder: string;
let session: OnnxSession;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-yolo-'));
  const path = join(folder, 'shaped.onnx');
  await writeYolov8nShaped(path, { picture: picture(0), candidates: 120 });
  session = await OnnxSession.open({ path, threads: 2 });
});

afterAll(async () => {
  await session.close();
  await rm(folder, { recursive: true });
});

const bestScores = (output: Float32Array): number[] =>
  Array.from({ length: ANCHORS }, (_, anchor) => {
    let best = 0;
    for (let row = 4; row < ROWS; row++) best = Math.max(best, output[row * ANCHORS + anchor]!);
    return best;
  });

it('finds as many candidates as asked for in the picture that it is set up with', async () => {
  const [output] = await session.run(picture(0), [1, 3, INPUT_SIDE, INPUT_SIDE]);

  expect(output!.dims).toEqual([1, ROWS, ANCHORS]);
  expect(output!.data.every(Number.isFinite)).toBe(true);
  const candidates = bestScores(output!.data).filter((score) => score >= 0.25);
  // One or two lie so near to the threshold that rounding decides.
  expect(Math.abs(candidates.length - 120)).toBeLessThanOrEqual(2);
});

it('gives boxes around their anchors', async () => {
  const [output] = await session.run(picture(0), [1, 3, INPUT_SIDE, INPUT_SIDE]);
  const [x, y, width, height] = [0, 1, 2, 3].map((row) => output!.data.subarray(row * ANCHORS, (row + 1) * ANCHORS));
  // The last cell of the coarsest head lies around (624, 624); sides reach up to 15 cells of 32 pixels.
  const last = ANCHORS - 1;
  for (const [centre, size] of [
    [x![last]!, width![last]!],
    [y![last]!, height![last]!],
  ] as const) {
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(2 * 15 * 32);
    expect(centre - size / 2).toBeLessThanOrEqual(624);
    expect(centre + size / 2).toBeGreaterThanOrEqual(624);
  }
});

it('gives for two pictures together what it gives for each', async () => {
  const both = new Float32Array(2 * VALUES);
  both.set(picture(0));
  both.set(picture(2), VALUES);

  const [together] = await session.run(both, [2, 3, INPUT_SIDE, INPUT_SIDE]);
  const [second] = await session.run(picture(2), [1, 3, INPUT_SIDE, INPUT_SIDE]);

  expect(together!.dims).toEqual([2, ROWS, ANCHORS]);
  const difference = second!.data.map((value, i) => Math.abs(value - together!.data[second!.data.length + i]!));
  expect(difference.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(1e-2);
});
