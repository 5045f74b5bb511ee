import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';

/** Reads a file. @returns absent where there is none @throws {@link DiptychError} `DIPTYCH_E_STATE` where it may not be read */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DiptychError('DIPTYCH_E_STATE', `${file} cannot be read (${code}); give this user the right to read it`, {
      cause: error,
    });
  }
}

/**
 * Writes a file that only its owner may read (mode 0600): there whole or not at all. It belongs to the owner of the
 * folder, also where root writes it for a service that runs as another user.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_STATE`
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const folder = path.dirname(file);
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.unfinished`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const { uid, gid } = await stat(folder);
    if (process.getuid?.() === 0 && uid !== 0) await chown(unfinished, uid, gid);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const message = `${file} cannot be written (${code}); give this user the right to write there, or name another folder with state.folder`;
    throw new DiptychError('DIPTYCH_E_STATE', message, { cause: error });
  }
}
