import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownFormOf } from '#src/stream/models/conversion/own-form.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { decodeOnnx } from '#src/stream/onnx/onnx-file.js';

let home: string;
let folder: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'diptych-own-form-'));
  folder = join(home, 'cache');
});

afterEach(() => rm(home, { recursive: true }));

async function requestFor(name: string) {
  const { path } = await new ModelStore().fetch(name);
  return { source: path, folder };
}

describe('a network with convolutions of our own', () => {
  it('is made once, by however many ask at a time', async () => {
    const request = await requestFor('blazeface');

    const together = await Promise.all([ownFormOf(request), ownFormOf(request), ownFormOf(request)]);

    const paths = new Set(together.map(({ path }) => path));
    expect(paths.size).toBe(1);
    const [path] = [...paths];
    expect(path).toMatch(/cache\/face_detection_back_256x256_barracuda\.[0-9a-f]{12}\.own1\.onnx$/);
    expect(together.map(({ report }) => report)).toContain('69 are DirectConv32');
    expect(await ownFormOf(request)).toEqual({ path });
    // Nothing else is left of those that were under way.
    const file = path!.slice(folder.length + 1);
    expect((await readdir(folder)).sort()).toEqual([file, `${file}.json`]);
    const operators = decodeOnnx(await readFile(path!), path!).graph.node.map(({ opType }) => opType);
    expect(operators.filter((each) => each.endsWith('Conv32'))).toHaveLength(69);
    expect(operators).not.toContain('Conv');
  });

  it.each([
    ['is cut off', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, -1))],
    ['has another weight', async (path: string) => writeFile(path, (await readFile(path)).fill(1, 90_000, 90_001))],
    ['has no note', (path: string) => rm(`${path}.json`)],
  ])('is made again where what was made %s', async (_, damage) => {
    const request = await requestFor('blazeface');
    const { path } = await ownFormOf(request);
    const whole = await readFile(path!);
    await damage(path!);

    expect(await ownFormOf(request)).toEqual({ path, report: '69 are DirectConv32' });
    expect(await readFile(path!)).toEqual(whole);
  });

  it('is looked for once where nothing can be replaced', async () => {
    const request = await requestFor('dlib-face-descriptor');

    const first = await ownFormOf(request);

    expect(first).toEqual({ report: '29 stay (32 bits, and few of the network are depthwise)' });
    expect(await ownFormOf(request)).toEqual({});
    expect(await readdir(folder)).toEqual([expect.stringMatching(/\.own1\.onnx\.failed\.json$/)]);
  });

  it('fails where the file is no network, and notes nothing', async () => {
    const source = join(home, 'text.onnx');
    await writeFile(source, 'text');

    await expect(ownFormOf({ source, folder })).rejects.toMatchObject({ code: 'DIPTYCH_E_MODEL' });
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});
