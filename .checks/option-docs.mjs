// @ts-check
// Options that docs/configuration.md lacks, or tells in other words than the schema: node .checks/option-docs.mjs [FOLDER]
//
// The tables between the two marks are made of config/gateway.schema.json, which a test holds to the schema itself;
// with --write in the place of FOLDER they are written anew. Exits with 1 where an option is missing, is told
// otherwise, or does not exist.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './native-sources.mjs';
import { packagePath } from './package-root.mjs';

const BEGIN = '<!-- options: made of the schema by `node .checks/option-docs.mjs --write` -->';
const END = '<!-- end of options -->';

/**
 * @typedef {{ description?: string, default?: unknown, type?: string, live?: boolean, minimum?: number, maximum?: number,
 *   enum?: unknown[], const?: unknown, anyOf?: Node[], items?: Node, properties?: Record<string, Node> }} Node
 * @typedef {{ path: string, cells: readonly string[] }} Option
 */

/** @param {Node} node @param {string} path @returns {readonly Option[]} */
function optionsOf(node, path) {
  const blocks = [node, ...(node.anyOf ?? [])].flatMap(({ properties }) => (properties ? [properties] : []));
  const inner = blocks.flatMap((properties) =>
    Object.entries(properties).flatMap(([name, child]) => optionsOf(child, path === '' ? name : `${path}.${name}`)),
  );
  const items = node.items?.properties ? optionsOf(node.items, `${path}[]`) : [];
  if (node.properties && !node.anyOf) return inner;
  return [
    { path, cells: [`\`${path}\``, valuesOf(node), defaultOf(node), cellOf(node.description ?? '')] },
    ...inner,
    ...items,
  ];
}

/** @param {string} text */
const cellOf = (text) =>
  text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;').replaceAll('_', '\\_');

/** @param {Node} node @returns {string} */
function valuesOf(node) {
  const { type, minimum, maximum, enum: choices, anyOf, live } = node;
  const kind = choices
    ? choices.map((each) => `\`${String(each)}\``).join(', ')
    : anyOf
      ? anyOf.map((each) => ('const' in each ? `\`${String(each.const)}\`` : valuesOf(each))).join(', ')
      : type === 'array'
        ? 'list'
        : type === 'object'
          ? 'block'
          : (type ?? '');
  const range = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}` : '';
  return `${kind}${range}${live === true ? ', live' : ''}`;
}

/** @param {Node} node @returns {string} */
const defaultOf = (node) => ('default' in node ? `\`${JSON.stringify(node.default)}\`` : '');

/** @param {readonly Option[]} options @returns {string} */
function tablesOf(options) {
  const groups = [...new Set(options.map(({ path }) => groupOf(path)))];
  return groups
    .map((group) => {
      const members = options.filter(({ path }) => groupOf(path) === group);
      const rows = members.map(({ cells }) => `| ${cells.join(' | ')} |`);
      return `### ${group}\n\n| option | takes | default | what it does |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
    })
    .join('\n');
}

/** @param {string} path */
function groupOf(path) {
  const [first = '', second] = path.split('.');
  if (first !== 'streams[]') return second === undefined ? 'Others' : `\`${first}\``;
  return second !== undefined && path.split('.').length > 2 ? `\`streams[].${second.replace('[]', '')}\`` : '`streams`';
}

/** @param {string} line @returns {readonly string[]} */
const cellsIn = (line) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** @param {string} root @returns {readonly string[]} one sentence for each option that is told wrongly */
function problemsOf(root) {
  const { options, page } = readBoth(root);
  const rows = new Map(
    page.split('\n').flatMap((line) => {
      const cells = cellsIn(line);
      return /^`[^`]+`$/.test(cells[0] ?? '') && cells.length === 4 ? [[cells[0] ?? '', cells]] : [];
    }),
  );
  const write = 'run node .checks/option-docs.mjs --write';
  const wrong = options.flatMap(({ path, cells }) => {
    const row = rows.get(`\`${path}\``);
    if (!row) return [`docs/configuration.md has no row for ${path}; ${write}`];
    return row.join('|') === cells.join('|')
      ? []
      : [`docs/configuration.md tells ${path} otherwise than the schema; ${write}`];
  });
  const known = new Set(options.map(({ path }) => `\`${path}\``));
  const gone = [...rows.keys()].filter((name) => !known.has(name));
  return [...wrong, ...gone.map((name) => `docs/configuration.md tells ${name}, which does not exist; ${write}`)];
}

/** @param {string} root */
function readBoth(root) {
  const file = join(root, 'docs/configuration.md');
  const text = readFileSync(file, 'utf8');
  const schema = /** @type {Node} */ (JSON.parse(readFileSync(join(root, 'config/gateway.schema.json'), 'utf8')));
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the options: ${BEGIN} and ${END}`);
  const options = optionsOf({ properties: schema.properties ?? {} }, '');
  return { file, text, options, begin: begin + BEGIN.length, end, page: text.slice(begin, end) };
}

if (process.argv[2] === '--write') {
  const { file, text, options, begin, end } = readBoth(packagePath(''));
  const { format } = await import('prettier');
  const written = `${text.slice(0, begin)}\n\n${tablesOf(options)}\n${text.slice(end)}`;
  writeFileSync(file, await format(written, { parser: 'markdown', printWidth: 120 }));
} else {
  report('options', problemsOf(process.argv[2] ?? packagePath('')));
}
