import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Tells whether the linker would find a library by its name: in the folders of LD_LIBRARY_PATH, or
 * in its cache. Opens none of them.
 */
export async function libraryFinder(): Promise<(file: string) => boolean> {
  const folders = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/sbin:/usr/sbin` };
  const cached = await promisify(execFile)('ldconfig', ['-p'], { env }).then(
    ({ stdout }) => new Set(stdout.split('\n').map((line) => line.trim().split(' ')[0] ?? '')),
    () => new Set<string>(),
  );
  return (file) => cached.has(file) || folders.some((folder) => existsSync(join(folder, file)));
}
