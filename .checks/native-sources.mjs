// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** @typedef {{ readonly path: string, readonly text: string }} SourceFile */

const EXTENSIONS = /\.(?:cpp|hpp|cu|h)$/;
/** What is built, and a library's own files that the media worker is built from. */
const NOT_OURS = new Set(['build', 'subprojects', 'node_modules']);

/**
 * The C++ and CUDA sources below a folder, in the order of their paths.
 * @param {string} folder
 * @returns {readonly SourceFile[]} with paths relative to `folder`, parted by `/`
 */
export function nativeSources(folder) {
  /** @type {SourceFile[]} */
  const found = [];
  const visit = (/** @type {string} */ path) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const child = join(path, entry.name);
      if (entry.isDirectory() && !NOT_OURS.has(entry.name)) visit(child);
      if (entry.isFile() && EXTENSIONS.test(entry.name)) {
        found.push({ path: relative(folder, child).split(sep).join('/'), text: readFileSync(child, 'utf8') });
      }
    }
  };
  visit(folder);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Prints what is wrong, a line each, and sets the exit status.
 * @param {string} name of the check
 * @param {readonly string[]} problems
 */
export function report(name, problems) {
  for (const problem of problems) process.stderr.write(`${name}: ${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
