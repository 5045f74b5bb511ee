import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** In the folder of the state. */
const NAME = 'address';

/**
 * Leaves word where a gateway listens, for `diptych health`: its configuration may have changed since it was started.
 *
 * @param folder - of the state
 * @param url - of page and API
 * @returns takes it away; never rejects
 * @throws as the file system does
 */
export async function leaveAddress(folder: string, url: string): Promise<() => Promise<void>> {
  const file = path.join(folder, NAME);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${url}\n`);
  return () => rm(file, { force: true }).catch(() => undefined);
}

/** Where the gateway with this folder listens; absent where none has left word. */
export async function readAddress(folder: string): Promise<string | undefined> {
  const text = await readFile(path.join(folder, NAME), 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
