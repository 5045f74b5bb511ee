import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ModelEntry } from './manifest.js';

/** Whether a file or folder exists. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Checksum of a file, hexadecimal in small letters. Rejects if it can't be read. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Which of `models` a file is: by its checksum, else by its name where the model has none. Rejects if it can't be read. */
export async function recognize(path: string, models: readonly ModelEntry[]): Promise<ModelEntry | undefined> {
  const sum = await fileSha256(path);
  const name = basename(path);
  return (
    models.find((model) => model.sha256 === sum) ??
    models.find((model) => model.sha256 === undefined && model.file === name)
  );
}
