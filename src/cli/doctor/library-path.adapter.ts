import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../shared/programs/find-program.adapter.js';

/**
 * Tells whether the linker would find a library by its name: in the folders of LD_LIBRARY_PATH, or
 * in its cache. Opens none of them.
 */
export async function libraryFinder(): Promise<(file: string) => boolean> {
  const folders = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const cached = await cachedLibraries();
  return (file) => cached.has(file) || folders.some((folder) => existsSync(join(folder, file)));
}

/** File names in the linker's cache; none where it cannot be read. */
async function cachedLibraries(): Promise<ReadonlySet<string>> {
  const ldconfig = findProgram('ldconfig');
  if (ldconfig === undefined) return new Set();
  return promisify(execFile)(ldconfig, ['-p']).then(
    ({ stdout }) => new Set(stdout.split('\n').map((line) => line.trim().split(' ')[0] ?? '')),
    () => new Set<string>(),
  );
}
