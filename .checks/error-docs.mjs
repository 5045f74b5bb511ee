// @ts-check
// Error codes that docs/troubleshooting.md lacks, or has though they do not exist: node .checks/error-docs.mjs [FOLDER]
//
// Every code of src/shared/domain/errors.ts has a section there, headed by the code, with what it means and what to do.
// Documents, and the code itself, name no others. Exits with 1 where that is not so.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './native-sources.mjs';
import { packagePath } from './package-root.mjs';

const CODE = /\bDIPTYCH_E_[A-Z][A-Z0-9_]*[A-Z0-9]\b(?!_)/g;
const PAGE = 'docs/troubleshooting.md';

/** @param {string} root @returns {readonly string[]} */
function documentsOf(root) {
  const docs = readdirSync(join(root, 'docs')).map((name) => `docs/${name}`);
  // What a change log says of codes that are gone is as it was.
  return ['README.md', ...docs].filter((path) => path.endsWith('.md') && isThere(root, path));
}

/** @param {string} root @param {string} path */
function isThere(root, path) {
  try {
    return readFileSync(join(root, path)).length > 0;
  } catch {
    return false;
  }
}

/** @param {string} root @returns {readonly string[]} */
const sourcesOf = (root) =>
  readdirSync(join(root, 'src'), { recursive: true })
    .map((name) => `src/${String(name)}`)
    .filter((path) => /\.(?:ts|tsx|mjs)$/.test(path));

/** @param {string} root @returns {readonly string[]} one sentence for each code that is missing or does not exist */
function problemsOf(root) {
  const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
  const definition = read('src/shared/domain/errors.ts');
  const codes = new Set([...definition.matchAll(/^ {2}(DIPTYCH_E_\w+):/gm)].map(([, code = '']) => code));
  const sections = read(PAGE).split(/^(?=#{2,4} )/m);
  /** @type {Map<string, string>} */
  const told = new Map(
    sections.flatMap((section) => {
      const [heading = '', ...rest] = section.split('\n');
      const code = /^#{2,4} `?(DIPTYCH_E_\w+)`?\s*$/.exec(heading)?.[1];
      return code === undefined ? [] : [[code, rest.join('\n').trim()]];
    }),
  );
  const missing = [...codes].flatMap((code) => {
    const text = told.get(code);
    if (text === undefined) return [`${PAGE} has no section ${code}`];
    return text.length < 40 ? [`${PAGE} says nothing of ${code}: what it means and what to do`] : [];
  });
  const unknown = [...documentsOf(root), ...sourcesOf(root)].flatMap((path) =>
    [...new Set(read(path).match(CODE) ?? [])]
      .filter((code) => !codes.has(code))
      .map((code) => `${path} names ${code}, which does not exist`),
  );
  return [...missing, ...unknown];
}

report('error codes', problemsOf(process.argv[2] ?? packagePath('')));
