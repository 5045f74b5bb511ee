import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildYolov8nShaped } from '../../bench/yolov8n-shaped.js';
import { parseCommandArguments } from '#src/cli/command.js';
import { modelsCommand } from '#src/cli/models.js';
import type { ModelRow } from '#src/cli/models/list.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { buildOnnx } from '#src/stream/onnx/onnx-builder.js';

const BLAZEFACE = 'face_detection_back_256x256_barracuda.onnx';
let folder: string;
let models: string;

beforeEach(async () => {
  const { path } = await new ModelStore().fetch('blazeface');
  folder = await mkdtemp(join(tmpdir(), 'diptych-models-'));
  models = join(folder, 'diptych', 'models');
  await mkdir(models, { recursive: true });
  await copyFile(path, join(models, BLAZEFACE));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('DIPTYCH_MODEL_DIR', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function diptychModels(...argv: string[]): Promise<{ readonly status: number; readonly output: string }> {
  let output = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  try {
    const status = await modelsCommand.run(parseCommandArguments(modelsCommand, argv), new AbortController().signal);
    return { status, output };
  } finally {
    stdout.mockRestore();
  }
}

async function rows(...argv: string[]): Promise<ReadonlyMap<string, ModelRow>> {
  const { output } = await diptychModels(...argv, '--json');
  return new Map((JSON.parse(output) as ModelRow[]).map((row) => [row.name, row]));
}

async function writeShaped(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, buildOnnx(buildYolov8nShaped()));
  return path;
}

describe('list', () => {
  it('shows what lies here, in which forms, and what does not', async () => {
    await diptychModels('convert', 'blazeface', '--fp16', '--dynamic-batch');

    const found = await rows('list');
    const { output } = await diptychModels();

    const path = join(models, BLAZEFACE);
    expect(found.get('blazeface')).toMatchObject({
      state: 'here',
      path,
      bytes: 603432,
      isOwn: false,
      variants: [{ precision: 'fp16', isDynamicBatch: true, path: path.replace('.onnx', '.fp16.onnx') }],
    });
    expect(found.get('yolov8n')).toMatchObject({ state: 'missing', variants: [] });
    expect(output).toMatch(/^blazeface +face-detector +fp32 fp16\+batch +0\.6 MB +Apache-2\.0 +\//m);
    expect(output).toMatch(/^yolov8n +person-detector .*not on this machine$/m);
  });
});

describe('verify', () => {
  it('runs what is here', async () => {
    const { status, output } = await diptychModels('verify');
    expect(status).toBe(0);
    expect(output).toMatch(/^blazeface +good: /m);
  });

  it('fails where a file is damaged, and says what to do', async () => {
    await writeFile(join(models, BLAZEFACE), 'damaged');
    const { status, output } = await diptychModels('verify');
    expect(status).toBe(1);
    expect(output).toMatch(/^blazeface +.*its sha256 is not .*; get it again: diptych models fetch blazeface$/m);
  });

  it('fails where a converted form is damaged', async () => {
    await diptychModels('convert', 'blazeface', '--fp16');
    await writeFile(join(models, BLAZEFACE.replace('.onnx', '.fp16.onnx')), 'damaged');
    const { status, output } = await diptychModels('verify');
    expect(status).toBe(1);
    expect(output).toContain('it is damaged; make it again: diptych models convert');
  });

  it('fails where a model of the user is another than its entry says', async () => {
    await diptychModels('add', await writeShaped('shaped.onnx'), '--task', 'person-detector', '--decoder', 'yolov8');
    const list = join(models, 'own-models.json');
    await writeFile(list, (await readFile(list, 'utf8')).replace('"classes": 80', '"classes": 79'));
    const found = await rows('verify');
    expect(found.get('shaped')).toMatchObject({ state: 'unfit', isOwn: true });
    expect(found.get('shaped')?.problem).toContain('channels for 79 class(es)');
  });
});

describe('add', () => {
  it('makes a file known by a name, for good', async () => {
    const path = await writeShaped('My Export.onnx');
    const { output } = await diptychModels('add', path, '--task', 'person-detector', '--decoder', 'yolov8');
    await rm(path);

    expect(output).toBe('my-export: added; use it with detect.model: my-export\n');
    const detector = await new ModelStore().resolveDetector('my-export');
    expect(detector.path).toBe(join(models, 'my-export.onnx'));
    expect(detector.entry).toMatchObject({ decoder: { type: 'yolov8', classes: 80, keypoints: 0 } });
    expect((await rows('list')).get('my-export')).toMatchObject({ state: 'here', isOwn: true });
  });

  it('says what it replaces', async () => {
    const add = (path: string, ...options: string[]) =>
      diptychModels('add', path, '--task', 'face-detector', '--decoder', 'blazeface', '--name', 'own', ...options);
    const path = join(folder, 'mine.onnx');
    await copyFile(join(models, BLAZEFACE), path);
    await add(path);
    const content = await readFile(path);
    const sha256 = createHash('sha256').update(content).digest('hex');

    const again = await add(path);
    const otherwise = await add(path, '--licence', 'MIT');
    // A field that nothing reads makes it another file.
    await writeFile(path, Uint8Array.of(0xca, 0x3e, 1, 1), { flag: 'a' });
    const other = await add(path);

    const use = 'use it with detect.model: own\n';
    expect(again.output).toBe(`own: was there already, the same file; ${use}`);
    expect(otherwise.output).toBe(
      `own: added in place of the face-detector of that name (the same file, read in another way); ${use}`,
    );
    expect(other.output).toBe(`own: added in place of the face-detector of that name (sha256 ${sha256}); ${use}`);
    expect(await readFile(join(models, 'own.onnx'))).toEqual(await readFile(path));
  });

  it('takes a face detector that is read as BlazeFace', async () => {
    const path = join(models, BLAZEFACE);
    await diptychModels('add', path, '--task', 'face-detector', '--decoder', 'blazeface', '--name', 'faces');
    const { entry } = await new ModelStore().resolveDetector('faces');
    expect(entry).toMatchObject({ regions: 'scheduled', input: { order: 'nhwc', mean: 127.5 } });
  });

  it.each([
    ['a decoder that can’t read it', ['--decoder', 'scrfd'], 'can’t be read that way: '],
    ['a name that is taken', ['--decoder', 'yolov8', '--name', 'yunet'], 'the name yunet is taken'],
  ])('refuses %s, and keeps nothing', async (_, options, message) => {
    const adding = diptychModels('add', await writeShaped('shaped.onnx'), '--task', 'person-detector', ...options);
    await expect(adding).rejects.toThrow(message.replace('’', "'"));
    expect(existsSync(join(models, 'own-models.json'))).toBe(false);
  });
});

describe('convert', () => {
  it('writes where it is told, and says how far it is from the original', async () => {
    const out = join(folder, 'half.onnx');
    const { output } = await diptychModels('convert', 'blazeface', '--fp16', '--out', out);
    expect(output).toMatch(
      /^blazeface: .*half\.onnx \(147 nodes with 16 bits, 0 with 32; outputs differ by at most 0\.\d+ % /,
    );
    expect((await readFile(out)).length).toBeLessThan(400_000);
  });
});

describe('fetch', () => {
  it('fetches by name what is not there yet', async () => {
    const { output } = await diptychModels('fetch', 'blazeface');
    expect(output).toBe(`blazeface: ${join(models, BLAZEFACE)} (cache)\n`);
  });
});

describe('wrong use', () => {
  it.each([
    ['something else', ['remove'], 'models has no action "remove"'],
    ['an option of another action', ['list', '--fp16'], 'models list has no option --fp16'],
    ['a name to list', ['list', 'yunet'], 'expected no arguments, got "yunet"'],
    ['all and a name', ['fetch', 'yunet', '--all'], '--all, or names, not both'],
    ['no file to add', ['add', '--task', 'embedder'], 'models add: name one file'],
    ['no decoder', ['add', 'x.onnx', '--task', 'face-detector'], '--decoder: expected one of yunet'],
    ['an unknown decoder', ['add', 'x.onnx', '--task', 'face-detector', '--decoder', 'y'], 'got "y"'],
    [
      'a name with capitals',
      ['add', 'x.onnx', '--task', 'embedder', '--name', 'Mine'],
      '--name: expected small letters',
    ],
    ['nothing to convert', ['convert'], 'name the model or its file'],
    ['two models to convert', ['convert', 'yunet', 'blazeface', '--fp16'], 'one model at a time'],
    ['a file and no form', ['convert', 'x.onnx'], 'say into what: --fp16, --dynamic-batch or both'],
  ])('is %s', async (_, argv, message) => {
    await expect(diptychModels(...argv)).rejects.toMatchObject({
      code: 'DIPTYCH_E_USAGE',
      message: expect.stringContaining(message) as unknown,
    });
  });
});
