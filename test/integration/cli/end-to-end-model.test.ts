import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCommandArguments } from '#src/cli/command.js';
import { runOnce } from '#src/cli/models/check.js';
import { modelsCommand } from '#src/cli/models.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { buildOnnx } from '#src/stream/onnx/onnx-builder.js';
import { writeOneStage } from '../stream/stages/detect/made-networks.js';
import { createDecoder } from '#src/stream/stages/detect/decoders.js';

const ROWS = 300;
const SIDE = 640;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-end-to-end-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('DIPTYCH_MODEL_DIR', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** A network that finds the same in every picture: left, top, right, bottom, score, class, then keypoints, a row each. */
async function writeNetwork(name: string, found: readonly (readonly number[])[], values: number): Promise<string> {
  const rows = new Float32Array(ROWS * values);
  for (const [row, numbers] of found.entries()) rows.set(numbers, row * values);
  const path = join(folder, name);
  const constants = [
    { name: 'rows', dims: [1, ROWS, values], floats: rows },
    { name: 'nothing', dims: [1], floats: Float32Array.of(0) },
  ];
  const nodes = [
    { operator: 'ReduceMean', inputs: ['images'], outputs: ['mean'] as const, attributes: { axes: [1, 2, 3] } },
    { operator: 'Reshape', inputs: ['mean', 'shape'], outputs: ['flat'] as const },
    { operator: 'Mul', inputs: ['flat', 'nothing'], outputs: ['none'] as const },
    { operator: 'Add', inputs: ['rows', 'none'], outputs: ['output0'] as const },
  ];
  const shape = { name: 'shape', dims: [3], integers: [-1, 1, 1] };
  const input = { name: 'images', dims: ['batch', 3, SIDE, SIDE] };
  const output = { name: 'output0', dims: ['batch', ROWS, values] };
  await writeFile(
    path,
    buildOnnx({
      name: 'end to end',
      nodes: nodes.map((node) => ({ ...node, outputs: [...node.outputs] })),
      constants: [...constants, shape],
      input,
      output,
    }),
  );
  return path;
}

/** What is found in a black picture by the model that was taken in under this name. */
async function detectionsOf(name: string): Promise<readonly Detection[]> {
  const { path, entry } = await new ModelStore().resolveDetector(name);
  const outputs = await runOnce(path, entry);
  const mapping = { ratio: 1, offset: { x: 0, y: 0 }, origin: { x: 0, y: 0 } };
  const context = { input: { width: SIDE, height: SIDE }, mapping, scoreThreshold: 0.3 };
  return createDecoder(entry.decoder, 'person')(outputs, context);
}

async function add(path: string, ...options: string[]): Promise<void> {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const said = options.length > 0 ? options : ['--task', 'person-detector', '--decoder', 'yolov8'];
  const args = parseCommandArguments(modelsCommand, ['add', path, ...said]);
  expect(await modelsCommand.run(args, new AbortController().signal)).toBe(0);
}

it('takes finished detections, as YOLO26 is exported: people only, as boxes', async () => {
  const found = [
    [100, 50, 300, 450, 0.9, 0],
    [10, 20, 30, 40, 0.95, 2],
    [400, 60, 500, 360, 0.5, 0],
    [400, 60, 500, 360, 0.1, 0],
  ];
  await add(await writeNetwork('yolo26n.onnx', found, 6));

  expect(await detectionsOf('yolo26n')).toEqual([
    { box: { x: 100, y: 50, width: 200, height: 400 }, score: expect.closeTo(0.9) as number, kind: 'person' },
    { box: { x: 400, y: 60, width: 100, height: 300 }, score: 0.5, kind: 'person' },
  ]);
});

it('takes finished poses: a body with its head and where it looks', async () => {
  // COCO's order: nose, eyes, ears, shoulders, and the rest below.
  const points = [
    [200, 100],
    [210, 90],
    [190, 90],
    [220, 95],
    [180, 95],
    [250, 170],
    [150, 170],
    ...Array.from({ length: 10 }, (_, i) => [200, 200 + 20 * i]),
  ].flatMap(([x = 0, y = 0]) => [x, y, 0.9]);
  await add(await writeNetwork('yolo26n-pose.onnx', [[100, 50, 300, 450, 0.9, 0, ...points]], 57));

  const [person, ...others] = await detectionsOf('yolo26n-pose');

  expect(others).toEqual([]);
  expect(person).toMatchObject({ box: { x: 100, y: 50, width: 200, height: 400 }, kind: 'person', gaze: 'front' });
  expect(person?.head?.y).toBeGreaterThan(40);
  expect(person?.head?.y).toBeLessThan(100);
});

it('refuses finished detections with masks, and says what to take', async () => {
  await expect(add(await writeNetwork('yolo26n-seg.onnx', [], 38))).rejects.toThrow(
    'the network gives 300 finished detections of 38 numbers each; 6 (boxes), 21 or 57 (with 5 or 17 keypoints) can be read',
  );
});

describe('poses of several people in one go, as RTMO is exported', () => {
  const points = [
    [200, 100],
    [210, 90],
    [190, 90],
    [220, 95],
    [180, 95],
    [250, 170],
    [150, 170],
    ...Array.from({ length: 10 }, (_, i) => [200, 200 + 20 * i]),
  ].map(([x = 0, y = 0]) => [x, y, 0.9] as const);

  it.each([
    ['seen by the outputs', ['--name', 'rtmo-s']],
    ['said to be a person detector', ['--task', 'person-detector', '--decoder', 'yolov8', '--name', 'rtmo-s']],
  ])('are taken, %s: whoever is there, with head and gaze', async (_, options) => {
    const people = [
      { box: [100, 50, 300, 450, 0.9], points },
      { box: [0, 0, 10, 10, 0.1], points },
      { box: [400, 60, 500, 360, 0.5], points: points.map(([x, y]) => [x + 250, y, 0.01] as const) },
    ] as const;
    await add(await writeOneStage(join(folder, 'rtmo.onnx'), SIDE, people), ...options);

    const [first, second, ...others] = await detectionsOf('rtmo-s');

    expect(others).toEqual([]);
    expect(first).toMatchObject({ box: { x: 100, y: 50, width: 200, height: 400 }, kind: 'person', gaze: 'front' });
    expect(first!.head!.y).toBeGreaterThan(40);
    expect(second).toEqual({ box: { x: 400, y: 60, width: 100, height: 300 }, score: 0.5, kind: 'person' });
    const { entry, faces } = await new ModelStore().resolveDetector('rtmo-s');
    expect(faces).toBeDefined();
    expect(entry).toMatchObject({
      decoder: { type: 'yolov8', classes: 1, keypoints: 17 },
      input: { channels: 'BGR', mean: 0, scale: 1 },
    });
  });

  it('may be of nobody', async () => {
    const nobody = [{ box: [0, 0, 10, 10, 0.1], points }] as const;
    await add(await writeOneStage(join(folder, 'rtmo.onnx'), SIDE, nobody), '--name', 'rtmo-s', '--channels', 'RGB');

    expect(await detectionsOf('rtmo-s')).toEqual([]);
    expect((await new ModelStore().resolveDetector('rtmo-s')).entry.input.channels).toBe('RGB');
  });
});
