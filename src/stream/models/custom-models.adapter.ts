import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import { parseCustomModels, type ModelEntry } from './manifest.js';

/** The list of custom models, beside their files. */
const listIn = (folder: string): string => join(folder, 'own-models.json');

/**
 * The models that the user added to a cache; none if there is no list.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if the list is there and wrong.
 */
export async function readCustomModels(folder: string): Promise<readonly ModelEntry[]> {
  const path = listIn(folder);
  try {
    return parseCustomModels(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    if (error instanceof DiptychError) throw error;
    throw new DiptychError('DIPTYCH_E_MODEL', `${path} can't be read: ${String(error)}`, { cause: error });
  }
}

/**
 * Copies a file into `folder` and lists it, in place of an earlier one of the same name.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it can't be written.
 */
export async function addCustomModel(folder: string, source: string, entry: ModelEntry): Promise<void> {
  const others = (await readCustomModels(folder)).filter(({ name }) => name !== entry.name);
  await put(join(folder, entry.file), (part) => copyFile(source, part));
  const list = JSON.stringify({ version: 1, models: [...others, entry] }, undefined, 2);
  await put(listIn(folder), (part) => writeFile(part, `${list}\n`));
}

/** A file appears under its name only when it is whole. */
async function put(path: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await write(part);
    await rename(part, path);
  } catch (error) {
    throw new DiptychError('DIPTYCH_E_MODEL', `${path} can't be written: ${String(error)}`, { cause: error });
  } finally {
    await rm(part, { force: true });
  }
}
