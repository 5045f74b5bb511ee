import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectSchema } from '#src/shared/config/stage-schemas.js';
import type { Size } from '#src/shared/domain/box.js';
import type { Detection, DetectionSet } from '#src/shared/domain/detection.js';
import type { Embedding, EmbeddingRequest } from '#src/stream/domain/embedding.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { loadTestAddon } from '../../../native/test-addon.js';
import { createCpuDetector } from '#src/stream/stages/detect/cpu-detector.adapter.js';
import type { Detector } from '#src/stream/stages/detect/detector.js';
import { createCpuEmbedder } from '#src/stream/stages/reid/cpu-embedder.adapter.js';
import type { FrameEmbedder } from '#src/stream/stages/reid/embedder.js';
import { fetchClip } from '#src/test-camera/clip-store.adapter.js';
import type { ClipName } from '#src/test-camera/clips.js';
import { buildSources } from '../detect/built-sources.js';

/** Faces of about 100 pixels, as in a picture of a room. */
const SIZE: Size = { width: 400, height: 300 };
const FRAME_BYTES = SIZE.width * SIZE.height * 1.5;
const addon = loadTestAddon();
const store = new ModelStore();
let detector: Detector;
let embedder: FrameEmbedder;

beforeAll(async () => {
  await buildSources();
  detector = await createCpuDetector(detectSchema.parse({ model: 'blazeface' }), { addon, store });
  embedder = await createCpuEmbedder({}, { addon, store });
});

afterAll(async () => {
  await Promise.all([detector.close(), embedder.close()]);
  expect(addon.liveFrames()).toBe(0);
});

/** Pictures of a clip, one every two seconds, changed by an ffmpeg filter. */
async function pictures(clip: ClipName, count: number, filter = 'null'): Promise<readonly Uint8Array[]> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', await fetchClip(clip), '-an', '-frames:v', String(count)],
      ...['-vf', `fps=0.5,scale=${SIZE.width}:${SIZE.height},${filter}`, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 64_000_000 },
  );
  return Array.from({ length: stdout.length / FRAME_BYTES }, (_, i) =>
    stdout.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES),
  );
}

const requestsFor = ({ ptsMs, detections }: DetectionSet): EmbeddingRequest[] =>
  detections.map((_, detectionIndex) => ({ ptsMs, detectionIndex, trackId: detectionIndex + 1 }));

async function look(picture: Uint8Array, change = (detection: Detection): readonly Detection[] => [detection]) {
  const handle = addon.createFrame(SIZE, 'I420', picture);
  try {
    const { detections } = await detector.detect({ handle, ...SIZE, ptsMs: 0 });
    const best = [...detections].sort((a, b) => b.score - a.score).slice(0, 1);
    const set = { ptsMs: 0, detections: best.flatMap(change) };
    return await embedder.embed(requestsFor(set), { handle, ...SIZE, detections: set });
  } finally {
    addon.release(handle);
  }
}

async function embeddingsOf(clip: ClipName, count: number): Promise<readonly Embedding[]> {
  const found: Embedding[] = [];
  for (const picture of await pictures(clip, count)) {
    for (const { embedding } of await look(picture)) if (embedding) found.push(embedding);
  }
  return found;
}

const distance = (a: Embedding, b: Embedding): number => Math.hypot(...a.map((value, i) => value - b[i]!));
const pairs = <T>(list: readonly T[]): (readonly [T, T])[] =>
  list.flatMap((a, i) => list.slice(0, i).map((b) => [a, b] as const));

describe('the embedder, on real faces', () => {
  it('tells two people apart in every pair of pictures', async () => {
    const people = [await embeddingsOf('webcam', 24), await embeddingsOf('bluescreen', 40)] as const;

    const same = people.flatMap((person) => pairs(person).map(([a, b]) => distance(a, b)));
    const other = people[0].flatMap((a) => people[1].map((b) => distance(a, b)));

    expect(people.map(({ length }) => length)).toEqual([24, 40]);
    expect(people[0][0]).toHaveLength(128);
    expect(Math.max(...same)).toBeLessThan(0.6);
    expect(Math.min(...other)).toBeGreaterThan(0.7);
  });

  it('embeds several of one frame in one go, each as if alone', async () => {
    const [picture] = await pictures('webcam', 1);
    const shifted = (detection: Detection, byPx: number): Detection => ({
      ...detection,
      landmarks: detection.landmarks!.map(({ x, y }) => ({ x: x + byPx, y })),
      box: { ...detection.box, width: 40, x: detection.box.x + 50 * byPx },
    });

    const [alone] = await look(picture!, (detection) => [shifted(detection, 0)]);
    const together = await look(picture!, (detection) => [-1, 0, 1].map((byPx) => shifted(detection, byPx)));

    expect(together.map(({ trackId }) => trackId)).toEqual([1, 2, 3]);
    expect(distance(together[1]!.embedding!, alone!.embedding!)).toBeLessThan(1e-4);
    expect(distance(together[0]!.embedding!, alone!.embedding!)).toBeGreaterThan(1e-3);
  });

  it.each([
    ['blurred', 'gblur=sigma=6', undefined],
    ['cut', 'null', (d: Detection) => [{ ...d, box: { ...d.box, x: d.box.x - 300 } }]],
    ['covered', 'null', (d: Detection) => [d, { ...d, box: { ...d.box, x: d.box.x + d.box.width / 2 } }]],
    ['no-landmarks', 'null', ({ box, score, kind }: Detection) => [{ box, score, kind }]],
  ] as const)('makes none of a crop that is %s, and says so', async (flaw, filter, change) => {
    const [, picture] = await pictures('webcam', 2, filter);

    const [result] = await look(picture!, change);

    expect(result).toMatchObject({ detectionIndex: 0, trackId: 1, embedding: undefined, flaw });
  });
});

describe('the embedder thread', () => {
  it('holds the frame while it works on it, and no longer', async () => {
    const [picture] = await pictures('webcam', 1);
    const handle = addon.createFrame(SIZE, 'I420', picture!);
    const detections = await detector.detect({ handle, ...SIZE, ptsMs: 7 });

    const embedding = embedder.embed(requestsFor(detections), { handle, ...SIZE, detections });
    addon.release(handle);
    expect(addon.liveFrames()).toBe(1);

    expect((await embedding)[0]).toMatchObject({ ptsMs: 7, embedding: expect.any(Float32Array) as unknown });
    expect(addon.liveFrames()).toBe(0);
  });

  it('answers what it is asked about no detection, without a look', async () => {
    const request = { ptsMs: 0, detectionIndex: 3, trackId: 1 };

    expect(await embedder.embed([request], { handle: 0, ...SIZE })).toEqual([{ ...request, embedding: undefined }]);
  });

  it('refuses a model that is no embedder', async () => {
    await expect(createCpuEmbedder({ model: 'blazeface' }, { addon, store })).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('is no embedder') as unknown,
    });
  });

  it('says of another model’s file that it is not the one', async () => {
    const { path } = await store.fetch('blazeface');

    await expect(createCpuEmbedder({ model: `dlib-face-descriptor=${path}` }, { addon, store })).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('is not the model that the manifest describes') as unknown,
    });
  });
});
