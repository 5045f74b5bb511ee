import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseCommandArguments } from '#src/cli/command.js';
import { addModel } from '#src/cli/models/add.js';
import { modelsCommand } from '#src/cli/models.js';
import { takeInPose } from '#src/cli/models/add-pose.js';
import { lookAt } from '#src/cli/models/look-at.js';
import { detectSchema } from '#src/shared/config/stage-schemas.js';
import { center, type Box } from '#src/shared/domain/box.js';
import type { DetectionSet } from '#src/shared/domain/detection.js';
import { GpuModels } from '#src/stream/backend/gpu/gpu-models.adapter.js';
import { cacheFolder } from '#src/stream/models/cache-folder.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { createCpuDetector } from '#src/stream/stages/detect/cpu-detector.adapter.js';
import { createGpuDetector } from '#src/stream/stages/detect/gpu-detector.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import { buildSources } from '../stream/stages/detect/built-sources.js';
import { addDetector, writeBrightnessPose, writeOneStage } from '../stream/stages/detect/made-networks.js';
import { COMMON } from './networks.js';
import { softGpu } from './soft-cuda.js';

const PICTURE = { width: 640, height: 360 };
/** Of the input of the made detector, which shows a picture of 640×360 at half of its size, 70 lines below its edge. */
const SIDE = 320;
const GREY = 60;
const WHITE = 235;

const addon = loadTestAddon();
let folder: string;
let store: ModelStore;

beforeAll(async () => {
  await buildSources();
  await addon.openGpu(softGpu());
  folder = await mkdtemp(join(tmpdir(), 'diptych-gpu-pose-'));
  // Face detectors that are on this machine are not fetched anew.
  store = new ModelStore({
    modelDir: process.env['DIPTYCH_MODEL_DIR'] ?? cacheFolder('models'),
    cacheDir: join(folder, 'cache'),
  });
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
  expect(addon.liveFrames()).toBe(0);
});

/** At the edge: repeated beyond it, it would be brighter than the spot beside it. */
const DOT: Box = { x: 638, y: 240, width: 2, height: 2 };
/** Two people, one at the edge of the picture, and what is bright on them. */
const PEOPLE: readonly { readonly body: Box; readonly spot: Box }[] = [
  { body: { x: 60, y: 40, width: 140, height: 280 }, spot: { x: 120, y: 84, width: 16, height: 16 } },
  { body: { x: 520, y: 80, width: 160, height: 240 }, spot: { x: 604, y: 130, width: 16, height: 16 } },
];

function paintPicture(): Uint8Array {
  const { width, height } = PICTURE;
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  data.fill(GREY, 0, width * height);
  for (const spot of [DOT, ...PEOPLE.map((person) => person.spot)]) {
    for (let y = spot.y; y < spot.y + spot.height; y++) {
      data.fill(WHITE, y * width + spot.x, y * width + spot.x + spot.width);
    }
  }
  return data;
}

/** What both find in the picture, with a pose network that takes so many people at once. */
async function findBoth(batch: number | string): Promise<readonly DetectionSet[]> {
  const name = `bright-${batch}`;
  const path = await writeBrightnessPose(join(folder, `${name}.onnx`), { batch });
  await takeInPose(store, path, await lookAt({ path, content: await readFile(path) }), { name });
  const found = PEOPLE.map(({ body }) => {
    const { x, y } = center(body);
    return { x: x / 2, y: y / 2 + 70, width: body.width / 2, height: body.height / 2, score: 0.9 };
  });
  await addDetector(store, join(folder, 'people.onnx'), SIDE, found);
  return detectBoth({ model: 'people', pose: name });
}

/** What CPU and GPU find in the picture. */
async function detectBoth(detect: object): Promise<readonly DetectionSet[]> {
  const config = detectSchema.parse(detect);
  const { library, provider, maxBatch } = COMMON;
  const models = new GpuModels(addon, { library, provider, maxBatch });
  const onHost = addon.createFrame(PICTURE, 'I420', paintPicture());
  const onGpu = await addon.uploadFrame(onHost);
  const detectors = [
    await createCpuDetector(config, { addon, store }),
    await createGpuDetector(config, { addon, store, models, pathFor: (file) => Promise.resolve(file.path) }),
  ];
  try {
    return await Promise.all(
      detectors.map((detector, i) => detector.detect({ handle: i === 0 ? onHost : onGpu, ...PICTURE, ptsMs: 0 })),
    );
  } finally {
    await Promise.all(detectors.map((detector) => detector.close()));
    for (const handle of [onHost, onGpu]) addon.release(handle);
  }
}

it.each(['batch', 1])(
  'finds the same points on CPU and GPU, where they are in the picture (people at once: %s)',
  async (batch) => {
    const [onCpu, onGpu] = (await findBoth(batch)) as [DetectionSet, DetectionSet];

    for (const { detections, poses, bodies } of [onCpu, onGpu]) {
      expect(poses).toEqual({ computed: 2, skipped: 0 });
      expect(bodies).toBe(true);
      const heads = [...detections].sort((a, b) => a.box.x - b.box.x).map(({ head }) => center(head!));
      for (const [i, { spot }] of PEOPLE.entries()) {
        // The brightest column is one of those that the spot covers whole: somewhere on it.
        expect(Math.abs(heads[i]!.x - center(spot).x)).toBeLessThan(8);
        expect(Math.abs(heads[i]!.y - center(spot).y)).toBeLessThan(8);
      }
    }
    const numbers = ({ detections }: DetectionSet) =>
      detections.flatMap(({ head }) => [head!.x, head!.y, head!.width, head!.height]);
    numbers(onGpu).forEach((value, i) => expect(value).toBeCloseTo(numbers(onCpu)[i]!, 3));
  },
  120_000,
);

it('finds the same people on both with a network that gives as many as there are, as RTMO does', async () => {
  const points = Array.from({ length: 17 }, (_, k) => [100 + 4 * k, 120 + 5 * k, 0.9] as const);
  const people = [
    { box: [80, 100, 160, 260, 0.9], points },
    { box: [0, 0, 9, 9, 0.1], points },
  ] as const;
  const path = await writeOneStage(join(folder, 'rtmo.onnx'), SIDE, people);
  await addModel(store, [path], parseCommandArguments(modelsCommand, ['add', path]));

  const [onCpu, onGpu] = (await detectBoth({ model: 'rtmo' })) as [DetectionSet, DetectionSet];

  expect(onCpu.detections).toHaveLength(1);
  expect(onCpu.detections[0]).toMatchObject({ box: { x: 160, y: 60, width: 160, height: 320 }, kind: 'person' });
  expect(onCpu.detections[0]!.head).toBeDefined();
  expect(onGpu.detections).toEqual(onCpu.detections);
}, 120_000);
