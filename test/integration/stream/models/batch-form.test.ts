import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchFormOf } from '#src/stream/models/conversion/batch-form.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { buildOnnx } from '#src/stream/onnx/onnx-builder.js';

let home: string;
let folder: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'diptych-batch-form-'));
  folder = join(home, 'cache');
});

afterEach(() => rm(home, { recursive: true }));

async function blazeFace() {
  const { path, entry } = await new ModelStore().fetch('blazeface');
  return { source: path, folder, input: entry.input };
}

describe('a network that takes one picture at a time', () => {
  it('is made to take several once, by however many ask at a time', async () => {
    const request = await blazeFace();

    const together = await Promise.all([batchFormOf(request), batchFormOf(request), batchFormOf(request)]);
    const later = await batchFormOf(request);

    const paths = new Set([...together, later].map(({ path }) => path));
    expect(paths.size).toBe(1);
    expect(together.some(({ isNew }) => isNew)).toBe(true);
    expect(later.isNew).toBe(false);
    const [path] = [...paths];
    expect(path).toMatch(/cache\/face_detection_back_256x256_barracuda\.[0-9a-f]{12}\.batch\.onnx$/);
    // Nothing else is left of those that were under way.
    expect((await readdir(folder)).sort()).toEqual([
      path!.slice(folder.length + 1),
      `${path!.slice(folder.length + 1)}.json`,
    ]);
    expect(await batchFormOf({ source: path!, folder })).toEqual({ isNew: false });
  });

  it.each([
    ['is cut off', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, -1))],
    ['has no note', (path: string) => rm(`${path}.json`)],
  ])('is made again where what was made %s', async (_, damage) => {
    const request = await blazeFace();
    const { path } = await batchFormOf(request);
    const whole = await readFile(path!);
    await damage(path!);

    expect(await batchFormOf(request)).toEqual({ path, isNew: true });
    expect(await readFile(path!)).toEqual(whole);
  });

  it('keeps its form beside that of another of the same name', async () => {
    const request = await blazeFace();
    const other = join(home, 'face_detection_back_256x256_barracuda.onnx');
    await copyFile(request.source, other);
    // A field that nothing reads makes it another file.
    await writeFile(other, Uint8Array.of(0xca, 0x3e, 1, 1), { flag: 'a' });

    const forms = [await batchFormOf(request), await batchFormOf({ ...request, source: other })];

    expect(new Set(forms.map(({ path }) => path)).size).toBe(2);
    expect(await batchFormOf(request)).toEqual({ ...forms[0], isNew: false });
  });
});

describe('what cannot be had', () => {
  it('is told of a file that is no network', async () => {
    const source = join(home, 'a.onnx');
    await writeFile(source, 'text');

    await expect(batchFormOf({ source, folder })).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('is no ONNX file') as unknown,
    });
  });

  it('is told of one that takes a fixed number, and of a file that is not there', async () => {
    const source = join(home, 'a.onnx');
    const network = buildOnnx({
      ...{ name: 'x', nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }], constants: [] },
      input: { name: 'x', dims: [4, 3, 8, 8] },
      output: { name: 'y', dims: [4, 3, 8, 8] },
    });
    await writeFile(source, network);

    expect(await batchFormOf({ source, folder })).toMatchObject({
      isNew: true,
      refusal: { why: expect.stringContaining('takes 4 pictures at a time, not 1') as unknown },
    });
    await expect(batchFormOf({ source: join(home, 'b.onnx'), folder })).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('ENOENT') as unknown,
    });
  });

  it('is told of a network in which something else is made for one', async () => {
    const source = join(home, 'a.onnx');
    const network = buildOnnx({
      name: 'x',
      nodes: [
        { operator: 'Reshape', inputs: ['x', 'square'], outputs: ['r'] },
        { operator: 'MatMul', inputs: ['r', 'weights'], outputs: ['m'] },
        { operator: 'Reshape', inputs: ['m', 'row'], outputs: ['y'] },
      ],
      constants: [
        { name: 'square', dims: [2], integers: [2, 2] },
        { name: 'weights', dims: [2, 2], floats: Float32Array.of(1, 2, 3, 4) },
        { name: 'row', dims: [2], integers: [1, 4] },
      ],
      input: { name: 'x', dims: [1, 4] },
      output: { name: 'y', dims: [1, 4] },
    });
    await writeFile(source, network);

    const first = await batchFormOf({ source, folder });
    const { why, notePath } = first.refusal!;
    expect(first.isNew).toBe(true);
    expect(why).toBe("the converted network can't be run; something in it is made for one picture at a time");
    expect(await readdir(folder)).toEqual([basename(notePath)]);

    // Not tried again: by the same file, this version of the converter, and a note that can be read.
    expect(await batchFormOf({ source, folder })).toEqual({ isNew: false, refusal: { why, notePath } });
    const note = await readFile(notePath, 'utf8');
    const { version } = JSON.parse(note) as { version: number };
    for (const other of [note.replace(`"version": ${version}`, `"version": ${version + 1}`), note.slice(1)]) {
      await writeFile(notePath, other);
      expect(await batchFormOf({ source, folder })).toEqual({ isNew: true, refusal: { why, notePath } });
    }
    await rm(notePath);
    expect(await batchFormOf({ source, folder })).toEqual({ isNew: true, refusal: { why, notePath } });
  });

  it('is told where the folder cannot be made', async () => {
    const request = await blazeFace();
    await writeFile(folder, 'a file');

    await expect(batchFormOf(request)).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining("can't be made") as unknown,
    });
  });
});
