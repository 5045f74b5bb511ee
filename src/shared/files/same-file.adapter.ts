import { readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** As many symbolic links in a row as Linux follows. */
const MAX_LINKS = 40;

/**
 * Absolute path of the file that writing to `path` would create or overwrite: symbolic links are
 * followed, also one whose target does not exist yet.
 *
 * @throws the error of the system where a folder on the way does not exist
 */
export async function targetOf(path: string, links = MAX_LINKS): Promise<string> {
  const absolute = resolve(path);
  const existing = await realpath(absolute).catch(() => undefined);
  if (existing !== undefined) return existing;
  const linked = await readlink(absolute).catch(() => undefined);
  if (linked !== undefined && links > 0) return targetOf(resolve(dirname(absolute), linked), links - 1);
  return join(await realpath(dirname(absolute)), basename(absolute));
}

/**
 * Whether two paths lead to one file, by whatever name: relative, in other letters on a file system
 * that ignores case, by a symbolic or a hard link. Of files that do not exist yet, whether they
 * would be one.
 */
export async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([identityOf(a), identityOf(b)]);
  return left !== undefined && left === right;
}

/** Device and inode of what exists, the path of what does not; `undefined` where it can not exist. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found !== undefined) return `${found.dev}:${found.ino}`;
  return targetOf(path).catch(() => undefined);
}
