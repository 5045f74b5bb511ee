// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/**
 * Hash of the content of files and folders (searched through), and of some words. A missing path
 * counts as missing, so that its appearing changes the hash.
 * @param {readonly string[]} paths
 * @param {readonly string[]} [words]
 * @param {string} [base] folder from which paths count; without it the same files elsewhere have
 *   another hash
 */
export function hashOf(paths, words = [], base) {
  const hash = createHash('sha256').update(JSON.stringify(words));
  const nameOf = (/** @type {string} */ path) => (base === undefined ? path : relative(base, path));
  const visit = (/** @type {string} */ path) => {
    if (!existsSync(path)) {
      hash.update(`${nameOf(path)} missing\n`);
    } else if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) if (name !== 'build') visit(join(path, name));
    } else {
      hash.update(`${nameOf(path)}\n`).update(readFileSync(path));
    }
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}

/**
 * Does the work unless it was done from the same hash before and its outputs are still there.
 * A failure leaves no stamp.
 * @param {{ stamp: string, hash: string, outputs: readonly string[] }} made
 * @param {() => Promise<unknown>} work
 */
export async function unlessMade({ stamp, hash, outputs }, work) {
  const isMade = outputs.every((path) => existsSync(path)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (isMade) return;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}
