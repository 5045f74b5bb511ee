// @ts-check
// Files that the documentation names but the tree does not have: node .checks/doc-paths.mjs [FOLDER]
//
// Looks at the Markdown files of the package's folder, docs/ and models/ (FOLDER: the package by
// default). What stands in backticks or is the target of a link, and begins with one of the folders of
// the package, must be there; `*` stands for any part of a name, `{a,b}` for either, a name in capitals such
// as `NAME` for any. In docs/, a file name without a folder must be the name of some file. Exits with 1
// where something is missing.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { report } from './native-sources.mjs';
import { packagePath } from './package-root.mjs';

const FOLDERS = ['.checks', '.ci', 'config', 'docs', 'models', 'native', 'pipelines', 'src', 'test'];
const NOT_OURS = new Set(['node_modules', 'dist', 'build', 'coverage', '.git', 'out']);
const SOURCE_NAME = /^[\w.-]+\.(?:ts|mjs|cjs|cpp|hpp|cu|h|launch|yaml|json|md|css|html)$/;

/**
 * @param {string} root
 * @returns {readonly string[]} files and folders below the package's folders, by `/`, relative to `root`
 */
function treeOf(root) {
  /** @type {string[]} */
  const found = [];
  const visit = (/** @type {string} */ path) => {
    found.push(path);
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue;
      const child = posix.join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else found.push(child);
    }
  };
  for (const folder of FOLDERS) if (existsSync(join(root, folder))) visit(folder);
  for (const entry of readdirSync(root, { withFileTypes: true })) if (entry.isFile()) found.push(entry.name);
  return found;
}

/** @param {string} root @returns {readonly string[]} */
const documentsOf = (root) =>
  ['', 'docs', 'models'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .filter((name) => name.endsWith('.md'))
          .map((name) => posix.join(folder, name))
      : [],
  );

/** @param {string} name as a document writes it @returns {RegExp} of the paths that it stands for */
function patternOf(name) {
  const source = name
    .replace(/\/$/, '')
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^{}]*)\}/g, (_, choices) => `(?:${String(choices).split(',').join('|')})`)
    .replace(/\*+/g, '[^/]*')
    .replace(/\b[A-Z]{2,}\b(?=\\\.|\/|$)/g, (word) => `(?:${word}|[^/]+)`);
  return new RegExp(`^${source}$`);
}

/**
 * @param {string} document @param {string} text
 * @returns {readonly { readonly name: string, readonly line: number }[]} the paths it names
 */
function pathsIn(document, text) {
  /** @type {{ name: string, line: number }[]} */
  const found = [];
  const isDocs = document.startsWith('docs/');
  for (const [index, line] of text.split('\n').entries()) {
    const add = (/** @type {string} */ name) => found.push({ name, line: index + 1 });
    for (const [, quoted = ''] of line.matchAll(/`([^`]+)`/g)) {
      const name = quoted.replace(/:\d+$/, '').replace(/#.*$/, '');
      if (/\s/.test(name)) continue;
      if (FOLDERS.some((folder) => name.startsWith(`${folder}/`))) add(name);
      else if (isDocs && SOURCE_NAME.test(name)) add(name);
    }
    for (const [, target = ''] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (!/^(?:[a-z]+:|#)/.test(target))
        add(posix.normalize(posix.join(dirname(document), target.replace(/#.*$/, ''))));
    }
  }
  return found;
}

/** @param {string} root @returns {readonly string[]} one sentence for each name without a file */
function problemsOf(root) {
  const tree = treeOf(root);
  return documentsOf(root).flatMap((document) =>
    pathsIn(document, readFileSync(join(root, document), 'utf8')).flatMap(({ name, line }) => {
      const pattern = patternOf(name);
      const isThere = tree.some((path) => pattern.test(name.includes('/') ? path : posix.basename(path)));
      return isThere ? [] : [`${document}:${line} names ${name}, which is not there`];
    }),
  );
}

report('doc paths', problemsOf(process.argv[2] ?? packagePath('')));
