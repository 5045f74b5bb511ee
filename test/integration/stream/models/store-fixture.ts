import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Manifest, ModelSource } from '#src/stream/models/manifest.js';
import { ModelStore, type ModelStoreOptions } from '#src/stream/models/model-store.adapter.js';
import { startFileServer, type FileServer, type Handler } from './file-server.js';

/** What the model `best` of the test manifest holds. */
export const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

/** The folder of the test that runs. */
export let folder: string;
/** The server of the test that runs, where it has called `serve`. */
export let server: FileServer | undefined;

/** Gives each test of a file a folder, and removes it and the server after the test. */
export function useFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diptych-store-'));
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
    await rm(folder, { recursive: true, force: true });
  });
}

/** Models `best` (from these sources), `second` and `embedder`. */
export function manifest(...sources: ModelSource[]): Manifest {
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

/** With an empty cache. */
export function store(over: ModelStoreOptions = {}): ModelStore {
  return new ModelStore({ cacheDir: join(folder, 'cache'), modelDir: undefined, ...over });
}

/** @returns the URL at which the server answers, as any other path of it does */
export async function serve(handler: Handler): Promise<string> {
  server = await startFileServer(handler);
  return `${server.origin}/model.onnx`;
}

/** The names of the files in the cache. */
export const cached = () => readdir(join(folder, 'cache'));
