import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import { openAnalyzer } from '#src/stream/backend/open-backend.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { loadTestAddon } from '../native/test-addon.js';
import { buildSources } from '../stream/stages/detect/built-sources.js';
import { fetchClips, MAN_AT_DESK, MAN_LAUGHING, paintScene } from '../stream/stages/detect/footage.js';
import { softEnvironment } from './soft-environment.js';

const HD = { width: 1920, height: 1080 };
const AT_ONCE = 6;

let home: string;
let scene: Uint8Array;

beforeAll(async () => {
  await buildSources();
  scene = await paintScene(await fetchClips(), [
    { clip: MAN_AT_DESK, x: 100, y: 300, scale: 1.6 },
    { clip: MAN_LAUGHING, x: 1200, y: 400, scale: 1 },
  ]);
  home = await mkdtemp(join(tmpdir(), 'diptych-shared-'));
  const { path } = await new ModelStore().fetch('blazeface');
  await mkdir(join(home, 'diptych/models'), { recursive: true });
  await copyFile(path, join(home, 'diptych/models', basename(path)));
  for (const [name, value] of Object.entries(softEnvironment())) vi.stubEnv(name, value);
  vi.stubEnv('XDG_CACHE_HOME', home);
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
  expect(loadTestAddon().liveFrames()).toBe(0);
});

it('has a network of one picture take those of several streams together, and finds the same', async () => {
  const addon = loadTestAddon();
  const open = vi.spyOn(addon, 'openGpuModel');
  const logger = { info: vi.fn(), warn: vi.fn() };
  const options = {
    config: streamSchema.parse({
      source: { url: 'file:///none' },
      detect: { model: 'blazeface' },
      reid: { mode: 'off' },
    }),
    gpu: { ...gatewaySchema.parse({ gpu: { use: 'require' } }).gpu, isShared: true },
    ...{ addon, logger, store: new ModelStore(), signal: new AbortController().signal },
  } as const;
  const analyzers = [await openAnalyzer(options), await openAnalyzer(options)];
  const onHost = addon.createFrame(HD, 'I420', scene);
  const handle = await addon.uploadFrame(onHost, 'frame');
  try {
    const { id, maxBatch } = await (open.mock.results[0]!.value as ReturnType<typeof addon.openGpuModel>);
    const detect = (i: number) => analyzers[i % 2]!.detector.detect({ handle, ...HD, ptsMs: i }, []);
    const { detections: alone } = await detect(0);
    const before = addon.gpuModelStats(id);

    const together = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => detect(i)));

    const after = addon.gpuModelStats(id);
    expect(maxBatch).toBe(8);
    expect(after.runs - before.runs).toBeLessThan(after.frames - before.frames);
    expect(alone.length).toBeGreaterThanOrEqual(2);
    for (const { detections } of together) expect(detections.length).toBe(alone.length);
    const paths = new Set(open.mock.calls.map(([{ path }]) => basename(path)));
    expect([...paths]).toEqual([expect.stringMatching(/^face_detection.*\.[0-9a-f]{12}\.batch\.onnx$/)]);
    expect(await readdir(join(home, 'diptych/models'))).toContain([...paths][0]);
    expect(logger.info.mock.calls.flat()).toEqual([expect.stringContaining('takes one picture at a time; made of it')]);
    expect(logger.warn).not.toHaveBeenCalled();
  } finally {
    for (const each of [onHost, handle]) addon.release(each);
    await Promise.all(analyzers.map((each) => each.close()));
  }
});
