import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const worker = new URL('../../../dist/stages/detect/detector-worker.adapter.js', import.meta.url);

/** Brings dist/ up to date: threads run what was built, not the sources that vitest transforms. */
export async function buildSources(): Promise<void> {
  try {
    await promisify(execFile)('npx', ['tsc', '-p', 'tsconfig.json'], { cwd: root });
  } catch (error) {
    // Types are another check's business; what counts here is that JavaScript came out.
    if (!existsSync(fileURLToPath(worker))) throw error;
  }
}
