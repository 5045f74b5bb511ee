import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { journalNameOf } from './segment-name.js';

/**
 * Writes the journal beside a segment, whole or not at all.
 *
 * @param segment - name of its file
 * @throws The file system's error
 */
export async function writeJournal(folder: string, segment: string, journal: object): Promise<void> {
  const name = journalNameOf(segment);
  const next = join(folder, `.${name}.next`);
  try {
    await writeFile(next, `${JSON.stringify(journal)}\n`);
    await rename(next, join(folder, name));
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw error;
  }
}
