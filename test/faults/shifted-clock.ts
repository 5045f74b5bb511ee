import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packagePath } from '#src/shared/package-root.js';

/** Environment of a program whose wall clock is ahead; made of C, so that all of the program sees it. @param folder - for what is built */
export async function shiftedClock(shiftS: number, folder: string): Promise<Record<string, string>> {
  const library = join(folder, 'shifted-clock.so');
  const source = packagePath('test/faults/shifted-clock.c');
  await promisify(execFile)('cc', ['-O2', '-shared', '-fPIC', source, '-o', library, '-ldl']);
  return { LD_PRELOAD: library, DIPTYCH_TEST_SHIFT_S: String(shiftS) };
}
