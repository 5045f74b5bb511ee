import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STAGES } from '#src/bench/bottleneck.js';
import { benchReport } from '#src/bench/report.js';
import { loadTestAddon } from '../native/test-addon.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { STILL_SCENE } from '#src/test-camera/scenes.js';

const SIZE = { width: 640, height: 360 };
const scene = { ...STILL_SCENE, name: 'report-test', durationS: 4 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-report-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('measures every stage, writes the page with its plots and leaves no frame behind', async () => {
  const { signal } = new AbortController();
  const told: string[] = [];
  const { report, gpu, rows } = await benchReport(
    {
      out: folder,
      seconds: 1,
      sizes: [SIZE],
      clipFor: () => renderScene(scene, { ...SIZE, audio: 'none' }, { signal }),
      onProgress: (text) => told.push(text),
    },
    signal,
  );

  const onCpu = rows.find(({ processor }) => processor === 'cpu')!;
  expect(onCpu).toMatchObject({ ...SIZE, encoder: 'x264enc' });
  expect(onCpu.fps).toBeGreaterThan(0);
  // Two people who stand still and apart are not compared.
  for (const stage of STAGES.filter((each) => each !== 'reid')) {
    expect(onCpu.frameMs[stage], stage).toBeGreaterThan(0);
    expect(onCpu.latencyMs[stage]!.p95, stage).toBeGreaterThanOrEqual(onCpu.latencyMs[stage]!.p50);
  }
  expect(told).toContain('360p on the CPU');
  const page = await readFile(report, 'utf8');
  expect(page).toContain('**360p on the CPU:**');
  expect(page).toContain(gpu);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['report.md', 'fps.svg', 'stages.svg']));
  expect(loadTestAddon().liveFrames()).toBe(0);
});

it('says which folder cannot be written', async () => {
  const { signal } = new AbortController();
  const out = join(folder, 'a-file', 'report');
  await writeFile(join(folder, 'a-file'), '');

  await expect(benchReport({ out, sizes: [] }, signal)).rejects.toMatchObject({
    code: 'DIPTYCH_E_USAGE',
    message: expect.stringContaining(out) as string,
  });
});
