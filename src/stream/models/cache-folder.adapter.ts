import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';

/** Where what can be made or fetched again is kept: $XDG_CACHE_HOME/diptych/… or ~/.cache/diptych/… */
export function cacheFolder(name: string): string {
  // An empty or relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification).
  const xdg = process.env['XDG_CACHE_HOME'];
  const base = xdg?.startsWith('/') ? xdg : join(homedir(), '.cache');
  return join(base, 'diptych', name);
}

/** Makes the folder where fetched models are kept. @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it can't be made. */
export async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the model cache ${folder} can't be made: ${String(error)}; set XDG_CACHE_HOME or DIPTYCH_MODEL_DIR`,
      { cause: error },
    );
  }
}
