import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { detectSchema } from '#src/shared/config/stage-schemas.js';
import { iou, type Box } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { loadTestAddon } from '../../../native/test-addon.js';
import { createCpuDetector } from '#src/stream/stages/detect/cpu-detector.adapter.js';
import type { Detector } from '#src/stream/stages/detect/detector.js';
import { buildSources } from './built-sources.js';
import { faceOf, fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene, type Placed } from './footage.js';
import { packagePath } from '#src/shared/package-root.js';

const HD = { width: 1920, height: 1080 };
const modelDir = process.env['DIPTYCH_MODEL_DIR'];
const lacksFile = (name: string): boolean => modelDir === undefined || !existsSync(join(modelDir, name));
const WHY_SKIPPED = ' (skipped: DIPTYCH_MODEL_DIR names no folder with the file)';
const addon = loadTestAddon();
let clips: string;
let detector: Detector | undefined;

beforeAll(async () => {
  await buildSources();
  clips = await fetchClips();
});

afterEach(async () => {
  await detector?.close();
  detector = undefined;
  expect(addon.liveFrames()).toBe(0);
});

async function start(
  model: string,
  { isThrifty = false, ...over }: Record<string, unknown> & { readonly isThrifty?: boolean } = {},
): Promise<Detector> {
  const deps = { addon, store: new ModelStore(), isThrifty };
  detector = await createCpuDetector(detectSchema.parse({ model, ...over }), deps);
  return detector;
}

/** Detects `times` times on one picture, as on a still scene. */
async function detectScene(
  placed: readonly Placed[],
  { times = 1, hints = [] as readonly Box[] } = {},
): Promise<readonly Detection[]> {
  const handle = addon.createFrame(HD, 'I420', await paintScene(clips, placed));
  try {
    let detections: readonly Detection[] = [];
    for (let i = 0; i < times; i++) {
      detections = (await detector!.detect({ handle, ...HD, ptsMs: i * 66 }, hints)).detections;
    }
    return detections;
  } finally {
    addon.release(handle);
  }
}

const sure = (detections: readonly Detection[]): readonly Detection[] => detections.filter(({ score }) => score > 0.6);

const twoFaces: readonly Placed[] = [
  { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
  { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
];

/** Analyzer over nose over mouth, right on the left, all on the face. */
function expectLandmarksOn({ box, landmarks }: Detection): void {
  expect(landmarks).toHaveLength(5);
  const [rightEye, leftEye, nose, rightMouth, leftMouth] = landmarks!;
  expect(rightEye!.x).toBeLessThan(leftEye!.x);
  expect(rightMouth!.x).toBeLessThan(leftMouth!.x);
  expect(Math.max(rightEye!.y, leftEye!.y)).toBeLessThan(nose!.y);
  expect(nose!.y).toBeLessThan(Math.min(rightMouth!.y, leftMouth!.y));
  for (const { x, y } of landmarks!) {
    expect(x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height).toBe(true);
  }
}

describe.each([
  { model: 'blazeface', skip: false },
  { model: 'yunet', skip: lacksFile('yunet_n_dynamic.onnx') },
  { model: 'scrfd', skip: lacksFile('scrfd_500m_kps.onnx') },
  { model: 'yolov8-lite-t-face', skip: lacksFile('yolov8-lite-t-face.onnx') },
])('$model', ({ model, skip }) => {
  it.skipIf(skip)(`finds both faces, their landmarks, and nothing else${skip ? WHY_SKIPPED : ''}`, async () => {
    await start(model);

    const found = [...sure(await detectScene(twoFaces))].sort((a, b) => a.box.x - b.box.x);

    expect(found).toHaveLength(2);
    for (const [i, detection] of found.entries()) {
      expect(iou(detection.box, faceOf(twoFaces[i]!))).toBeGreaterThan(0.75);
      expectLandmarksOn(detection);
    }
  });

  it.skipIf(skip)(`finds both again where it saves time on what it knows${skip ? WHY_SKIPPED : ''}`, async () => {
    await start(model, { isThrifty: true });

    for (const times of [2, 6]) {
      const found = [...sure(await detectScene(twoFaces, { times }))].sort((a, b) => a.box.x - b.box.x);

      expect(found).toHaveLength(2);
      for (const [i, detection] of found.entries()) {
        expect(iou(detection.box, faceOf(twoFaces[i]!))).toBeGreaterThan(0.7);
        expectLandmarksOn(detection);
      }
    }
  });

  it.skipIf(skip)(`finds a face at each edge of the picture${skip ? WHY_SKIPPED : ''}`, async () => {
    const edges: readonly Placed[] = [
      { clip: MAN_AT_DESK, x: -170, y: 500, scale: 1 },
      { clip: MAN_AT_DESK, x: 1680, y: 500, scale: 1 },
      { clip: MAN_AT_DESK, x: 700, y: -110, scale: 1 },
      { clip: MAN_AT_DESK, x: 700, y: 880, scale: 1 },
    ];
    await start(model);

    const found = await detectScene(edges, { times: 8 });

    for (const edge of edges) {
      const best = Math.max(0, ...found.map(({ box }) => iou(box, faceOf(edge))));
      expect(best, `face at ${edge.x}, ${edge.y}`).toBeGreaterThan(0.4);
    }
  });
});

describe('BlazeFace on parts of a 1920×1080 picture', () => {
  it.each([60, 100, 200, 300])('finds faces of %d pixels anywhere, within three detections', async (facePx) => {
    const scale = facePx / MAN_AT_DESK.face.height;
    const spots = [20, 700, 1300].map((x, i): Placed => ({ clip: MAN_AT_DESK, x, y: 20 + i * 100, scale }));
    await start('blazeface');

    for (const spot of spots) {
      const [strongest] = sure(await detectScene([spot], { times: 3 }));
      expect(iou(strongest!.box, faceOf(spot)), `face at ${spot.x}, ${spot.y}`).toBeGreaterThan(0.6);
    }
  });

  it('finds a small face at once where it is told to look', async () => {
    const spot: Placed = { clip: MAN_AT_DESK, x: 900, y: 500, scale: 30 / MAN_AT_DESK.face.height };
    await start('blazeface');

    expect(sure(await detectScene([spot], { hints: [faceOf(spot)] }))).toHaveLength(1);
  });
});

describe('the detector thread', () => {
  it('says which model it took and why', async () => {
    const { model, reason } = await start('auto');

    expect(['yunet', 'blazeface']).toContain(model);
    expect(reason.startsWith(model)).toBe(true);
  });

  it('holds the frame while it works on it, and no longer', async () => {
    const handle = addon.createFrame(HD, 'I420', await paintScene(clips, twoFaces));
    await start('blazeface');

    const detecting = detector!.detect({ handle, ...HD, ptsMs: 5 });
    addon.release(handle);
    expect(addon.liveFrames()).toBe(1);

    expect(sure((await detecting).detections)).toHaveLength(2);
    expect(addon.liveFrames()).toBe(0);
  });

  it('answers in order, each under its own PTS', async () => {
    const handle = addon.createFrame(HD, 'I420', await paintScene(clips, twoFaces));
    await start('blazeface');

    const sets = await Promise.all([1, 2, 3].map((ptsMs) => detector!.detect({ handle, ...HD, ptsMs })));
    addon.release(handle);

    expect(sets.map(({ ptsMs }) => ptsMs)).toEqual([1, 2, 3]);
  });

  it('refuses a frame that is gone, and goes on', async () => {
    const handle = addon.createFrame(HD, 'I420', await paintScene(clips, twoFaces));
    addon.release(handle);
    await start('blazeface');

    await expect(detector!.detect({ handle, ...HD, ptsMs: 0 })).rejects.toThrow();
    expect(sure(await detectScene(twoFaces))).toHaveLength(2);
  });

  it('answers what was asked before it was closed, and nothing after', async () => {
    const handle = addon.createFrame(HD, 'I420', await paintScene(clips, twoFaces));
    const closing = await start('blazeface');

    const asked = closing.detect({ handle, ...HD, ptsMs: 0 });
    await Promise.all([closing.close(), closing.close()]);

    expect(sure((await asked).detections)).toHaveLength(2);
    await expect(closing.detect({ handle, ...HD, ptsMs: 1 })).rejects.toMatchObject({ code: 'DIPTYCH_E_INTERNAL' });
    addon.release(handle);
  });

  it('fails every call with one reason when the thread dies, and gives the frames back', async () => {
    const threads: Worker[] = [];
    const remember = (worker: Worker): number => threads.push(worker);
    process.on('worker', remember);
    vi.stubEnv('NODE_OPTIONS', `--require=${fileURLToPath(new URL('./crash-when-told.cjs', import.meta.url))}`);
    const broken = await start('blazeface');
    vi.unstubAllEnvs();
    process.off('worker', remember);
    const handle = addon.createFrame(HD, 'I420', await paintScene(clips, twoFaces));

    // Ending it from here could meet it inside ONNX Runtime.
    const told = new Int32Array(new SharedArrayBuffer(8));
    threads[0]!.postMessage(told);
    await vi.waitFor(() => expect(told[0]).toBe(1));
    const calls = [0, 1, 2].map((ptsMs) => broken.detect({ handle, ...HD, ptsMs }));
    addon.release(handle);
    Atomics.store(told, 1, 1);
    Atomics.notify(told, 1);
    const outcomes = await Promise.allSettled(calls);

    const reasons = new Set(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as unknown) : 'answered')),
    );
    expect(reasons.size).toBe(1);
    const [reason] = reasons;
    expect(reason).toMatchObject({
      code: 'DIPTYCH_E_INTERNAL',
      message: expect.stringContaining('crashed') as unknown,
    });
    await expect(broken.detect({ handle, ...HD, ptsMs: 3 })).rejects.toBe(reason);
    await broken.close();
  });

  it.each([40, 60, 80])('lets the process exit in the middle of its work, after %d ms', async (afterMs) => {
    const script = `
      import { loadAddon } from './dist/stream/native/addon.adapter.js';
      import { ModelStore } from './dist/stream/models/model-store.adapter.js';
      import { createCpuDetector } from './dist/stream/stages/detect/cpu-detector.adapter.js';
      import { detectSchema } from './dist/shared/config/stage-schemas.js';
      const addon = loadAddon();
      const size = { width: 1920, height: 1080 };
      const handle = addon.createFrame(size, 'I420', new Uint8Array(size.width * size.height * 1.5));
      const config = detectSchema.parse({ model: 'blazeface' });
      const detector = await createCpuDetector(config, { addon, store: new ModelStore() });
      for (let i = 0; i < 100; i++) void detector.detect({ handle, ...size, ptsMs: i });
      setTimeout(() => process.exit(0), ${afterMs});
    `;

    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: packagePath(''),
      env: { ...process.env, NODE_OPTIONS: '' },
    });

    await expect(run).resolves.toBeDefined();
  });

  it('says of a file that is no model that it is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'diptych-detector-'));
    const path = join(folder, 'yolov8n.onnx');
    await writeFile(path, 'no model');

    await expect(start(path)).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('is no model that can be run') as unknown,
    });
    await rm(folder, { recursive: true });
  });

  it('says of another model’s file that it is not the one', async () => {
    const { path } = await new ModelStore().fetch('blazeface');

    await expect(start(`yunet=${path}`)).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('is not the model that the manifest describes') as unknown,
    });
  });
});
