import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { builtPath, packagePath } from '#src/shared/package-root.js';

const root = packagePath('');
const worker = builtPath('stream/stages/detect/detector-worker.adapter.js');

/** Brings dist/ up to date: threads run what was built, not the sources that vitest transforms. */
export async function buildSources(): Promise<void> {
  try {
    await promisify(execFile)('npx', ['tsc', '-p', 'tsconfig.json'], { cwd: root });
  } catch (error) {
    // Types are another check's business; what counts here is that JavaScript came out.
    if (!existsSync(worker)) throw error;
  }
}
