import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectSchema } from '#src/shared/config/stage-schemas.js';
import { iou } from '#src/shared/domain/box.js';
import type { Detection } from '#src/shared/domain/detection.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { OnnxSession, type NamedTensor } from '#src/stream/inference/onnx-session.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { makeVariant } from '#src/stream/models/conversion/write-variant.adapter.js';
import { createCpuDetector } from '#src/stream/stages/detect/cpu-detector.adapter.js';
import { buildSources } from '../stages/detect/built-sources.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene, type Clip } from '../stages/detect/footage.js';

const run = promisify(execFile);
const modelDir = process.env['DIPTYCH_MODEL_DIR'];
const WHY_SKIPPED = ' (skipped: DIPTYCH_MODEL_DIR names no folder with the file)';

interface Case {
  readonly model: string;
  /** In DIPTYCH_MODEL_DIR; what is fetched has none. */
  readonly file?: string;
  readonly width: number;
  readonly height: number;
  readonly isDetector: boolean;
}

const CASES: readonly Case[] = [
  { model: 'blazeface', width: 256, height: 256, isDetector: true },
  { model: 'dlib-face-descriptor', width: 150, height: 150, isDetector: false },
  { model: 'yunet', file: 'yunet_n_dynamic.onnx', width: 640, height: 384, isDetector: true },
  { model: 'scrfd', file: 'scrfd_500m_kps.onnx', width: 640, height: 640, isDetector: true },
  { model: 'yolov8-lite-t-face', file: 'yolov8-lite-t-face.onnx', width: 640, height: 640, isDetector: true },
];

let clips: string;
let cacheDir: string;
let store: ModelStore;
const notices: string[] = [];

beforeAll(async () => {
  await buildSources();
  clips = await fetchClips();
  cacheDir = await mkdtemp(join(tmpdir(), 'diptych-variants-'));
  // What was fetched before is not fetched again.
  for (const model of ['blazeface', 'dlib-face-descriptor']) {
    const { path, entry } = await new ModelStore().fetch(model);
    await copyFile(path, join(cacheDir, entry.file));
  }
  store = new ModelStore({ cacheDir, onNotice: (text) => notices.push(text) });
});

afterAll(() => rm(cacheDir, { recursive: true, force: true }));

/** A clip's frame as the model takes it. */
async function tensorOf(clip: Clip, atS: number, { model, width, height }: Case): Promise<Float32Array> {
  const entry = (await store.manifest()).models.find(({ name }) => name === model)!;
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-ss', String(atS), '-i', join(clips, clip.name), '-vf', `scale=${width}:${height}`],
      ...['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', entry.input.channels === 'RGB' ? 'rgb24' : 'bgr24', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 16_000_000 },
  );
  const pixels = width * height;
  const { mean, scale, order } = entry.input;
  return Float32Array.from({ length: 3 * pixels }, (_, i) => {
    const at = order === 'nhwc' ? i : (i % pixels) * 3 + Math.floor(i / pixels);
    return (stdout[at]! - mean) * scale;
  });
}

const shapeOf = ({ model, width, height }: Case, count: number): number[] =>
  model === 'blazeface' ? [count, height, width, 3] : [count, 3, height, width];

async function runModel(path: string, data: Float32Array, dims: readonly number[]): Promise<readonly NamedTensor[]> {
  const session = await OnnxSession.open({ path, threads: 2 });
  try {
    return await session.run(data, dims);
  } finally {
    await session.close();
  }
}

/**
 * Greatest and usual (root of the mean square) difference, as a share of the range of what is
 * expected; where that is less than 1, as for scores of nothing found, as a number.
 */
function difference(
  expected: Float32Array,
  found: Float32Array,
): { readonly greatest: number; readonly usual: number } {
  let [least, most, worst, squares] = [Infinity, -Infinity, 0, 0];
  expected.forEach((value, i) => {
    const off = Math.abs(value - found[i]!);
    [least, most] = [Math.min(least, value), Math.max(most, value)];
    worst = Math.max(worst, off);
    squares += off ** 2;
  });
  const range = Math.max(most - least, 1);
  return { greatest: worst / range, usual: Math.sqrt(squares / expected.length) / range };
}

async function detect(model: string): Promise<readonly Detection[]> {
  const addon = loadAddon();
  const detector = await createCpuDetector(detectSchema.parse({ model }), { addon, store });
  const scene = await paintScene(clips, [
    { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
    { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
  ]);
  const handle = addon.createFrame({ width: 1920, height: 1080 }, 'I420', scene);
  try {
    let detections: readonly Detection[] = [];
    for (let i = 0; i < 12; i++) {
      const frame = { handle, width: 1920, height: 1080, ptsMs: i * 66 };
      ({ detections } = await detector.detect(frame, []));
    }
    return detections;
  } finally {
    addon.release(handle);
    await detector.close();
  }
}

describe.each(CASES)('$model', (each) => {
  const isMissing = each.file !== undefined && !existsSync(join(modelDir ?? '', each.file));
  const skipped = isMissing ? WHY_SKIPPED : '';

  it.skipIf(isMissing)(`gives with 16 bits what it gives with 32${skipped}`, async () => {
    const { path } = await store.fetch(each.model);
    const variant = await makeVariant(store, each.model, { fp16: true, dynamicBatch: true });
    const picture = await tensorOf(MAN_AT_DESK, 2, each);

    const expected = await runModel(path, picture, shapeOf(each, 1));
    const found = await runModel(variant.path, picture, shapeOf(each, 1));

    expect((await readFile(variant.path)).length).toBeLessThan((await readFile(path)).length * 0.6);
    for (const [i, { data, dims }] of expected.entries()) {
      expect(found[i]!.dims).toEqual(dims);
      const { greatest, usual } = difference(data, found[i]!.data);
      expect(usual).toBeLessThan(2e-3);
      expect(greatest).toBeLessThan(2e-2);
    }
  });

  it.skipIf(isMissing)(`gives for four pictures together what it gives for each${skipped}`, async () => {
    const { path } = await store.fetch(each.model);
    const variant = await makeVariant(store, each.model, { fp16: false, dynamicBatch: true });
    const pictures = await Promise.all(
      [2, 3, 4, 5].map((atS, i) => tensorOf(i % 2 === 0 ? MAN_AT_DESK : MAN_LAUGHING, atS, each)),
    );

    const together = await runModel(
      variant.path,
      Float32Array.from(pictures.flatMap((picture) => [...picture])),
      shapeOf(each, 4),
    );

    for (const [i, picture] of pictures.entries()) {
      const alone = await runModel(path, picture, shapeOf(each, 1));
      for (const [k, { data, dims }] of alone.entries()) {
        expect(together[k]!.dims).toEqual([4, ...dims.slice(1)]);
        const own = together[k]!.data.subarray(i * data.length, (i + 1) * data.length);
        expect(difference(data, own).greatest).toBeLessThan(1e-4);
      }
    }
  });

  it.skipIf(isMissing || !each.isDetector)(`finds the same faces with 16 bits${skipped}`, async () => {
    const { path } = (await store.resolveVariant(await store.fetch(each.model), { fp16: true }))!;

    const expected = await detect(each.model);
    const found = await detect(`${each.model}=${path}`);

    const sure = expected.filter(({ score }) => score > 0.5);
    expect(sure.length).toBeGreaterThanOrEqual(2);
    for (const { box, score } of sure) {
      const same = found.find((other) => iou(other.box, box) > 0.95);
      expect(same?.score).toBeCloseTo(score, 1);
    }
    expect(found.filter(({ score }) => score > 0.5)).toHaveLength(sure.length);
  });
});

describe('where a converted file is taken from', () => {
  it('finds it beside the model, and says in which way it was converted', async () => {
    const model = await store.fetch('blazeface');
    await makeVariant(store, 'blazeface', { fp16: true, dynamicBatch: false });
    await makeVariant(store, 'blazeface', { fp16: false, dynamicBatch: true });
    const stem = join(cacheDir, 'face_detection_back_256x256_barracuda');

    expect(await store.resolveVariant(model, { fp16: true })).toEqual({
      path: `${stem}.fp16.onnx`,
      fp16: true,
      dynamicBatch: false,
    });
    expect(await store.resolveVariant(model, { fp16: false })).toEqual({
      path: `${stem}.batch.onnx`,
      fp16: false,
      dynamicBatch: true,
    });
  });

  it('leaves one alone that is damaged, of another file, of another version or without a note', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'diptych-variant-'));
    try {
      const { path: source } = await store.fetch('blazeface');
      const model = { path: join(folder, 'own.onnx') };
      await copyFile(source, model.path);
      const { path } = await makeVariant(store, model.path, { fp16: true, dynamicBatch: false });
      expect(await store.resolveVariant(model, { fp16: true })).toMatchObject({ path });
      const whole = await readFile(path);
      const note = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Record<string, unknown>;
      const reasonAfter = async (change: () => Promise<unknown>): Promise<string | undefined> => {
        notices.length = 0;
        await change();
        expect(await store.resolveVariant(model, { fp16: true })).toBeUndefined();
        return notices[0];
      };

      expect(await reasonAfter(() => writeFile(path, whole.subarray(0, -1)))).toContain('it is damaged; make it again');
      await writeFile(path, whole);
      expect(await reasonAfter(() => writeFile(model.path, 'another'))).toContain('made of another file');
      await copyFile(source, model.path);
      const older = JSON.stringify({ ...note, version: 99 });
      expect(await reasonAfter(() => writeFile(`${path}.json`, older))).toContain('another version of diptych');
      expect(await reasonAfter(() => rm(`${path}.json`))).toContain('no note says');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('finds nothing where nothing was converted', async () => {
    expect(await store.resolveVariant({ path: join(cacheDir, 'none.onnx') }, { fp16: true })).toBeUndefined();
  });
});

it('leaves nothing behind of a model that it cannot convert', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-variant-'));
  try {
    const path = join(folder, 'text.onnx');
    await writeFile(path, 'no model at all');
    await expect(makeVariant(store, path, { fp16: true, dynamicBatch: false })).rejects.toThrow(
      'text.onnx is no ONNX file',
    );
    expect(existsSync(join(folder, 'text.fp16.onnx'))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});
