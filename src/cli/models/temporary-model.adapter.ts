import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A model file that was read. */
export interface ReadModel {
  /** Absolute. */
  readonly path: string;
  /** All of it. */
  readonly content: Uint8Array;
}

/** Calls with a file of this name and content, which is gone afterwards. */
export async function withModelFile<T>(
  name: string,
  content: Uint8Array,
  use: (file: ReadModel) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-model-'));
  try {
    const path = join(folder, name);
    await writeFile(path, content);
    return await use({ path, content });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
