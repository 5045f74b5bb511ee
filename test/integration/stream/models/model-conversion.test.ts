import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelSource } from '#src/stream/models/manifest.js';
import { cached, content, folder, manifest, store, useFolder } from './store-fixture.js';

useFolder();

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
