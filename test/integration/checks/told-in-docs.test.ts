import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const ROWS = [
  '| `http.host` | string | `"127.0.0.1"` | where it listens |',
  '| `streams[].id` | string, live |  | its name |',
];
const SCHEMA = {
  properties: {
    http: { properties: { host: { type: 'string', default: '127.0.0.1', description: 'where it listens' } } },
    streams: {
      type: 'array',
      description: 'all of them',
      items: { properties: { id: { type: 'string', live: true, description: 'its name' } } },
    },
  },
};
const SECTION = '## DIPTYCH_E_ONE\n\nIt means that something is wrong; do something else.\n';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-told-'));
  put('config/gateway.schema.json', JSON.stringify(SCHEMA));
  putOptions([...ROWS, '| `streams` | list |  | all of them |']);
  put('src/shared/domain/errors.ts', "export const ERROR_CODES = {\n  DIPTYCH_E_ONE: 'one',\n};\n");
  put('docs/troubleshooting.md', SECTION);
});

afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function putOptions(rows: readonly string[]): void {
  const begin = /<!-- options: .*? -->/.exec(readFileSync(packagePath('docs/configuration.md'), 'utf8'))?.[0] ?? '';
  put('docs/configuration.md', `${begin}\n\n${rows.join('\n')}\n\n<!-- end of options -->\n`);
}

function check(name: string): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [packagePath(`.checks/${name}.mjs`), folder], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

it.each(['option-docs', 'error-docs'])('%s is content with what is told as it is', (name) => {
  expect(check(name)).toEqual({ status: 0, stderr: '' });
});

it.each<[string, readonly string[], string]>([
  ['is missing', ROWS, 'has no row for streams;'],
  ['has another default', [ROWS[0]?.replace('127.0.0.1', '::') ?? ''], 'tells http.host otherwise than the schema'],
  ['is gone', [...ROWS, '| `http.old` | string |  | gone |'], 'tells `http.old`, which does not exist'],
])('an option that %s', (_name, rows, problem) => {
  putOptions(rows);

  const { status, stderr } = check('option-docs');

  expect(status).toBe(1);
  expect(stderr).toContain(problem);
});

it.each<[string, string, string, string]>([
  ['without a section', 'docs/troubleshooting.md', '# Nothing\n', 'has no section DIPTYCH_E_ONE'],
  ['without an explanation', 'docs/troubleshooting.md', '## DIPTYCH_E_ONE\n', 'says nothing of DIPTYCH_E_ONE'],
  ['that is gone, in a section', 'docs/troubleshooting.md', `${SECTION}\n## DIPTYCH_E_TWO\n\ngone\n`, 'DIPTYCH_E_TWO'],
  [
    'that is gone, in a document',
    'docs/a.md',
    '`DIPTYCH_E_TWO`',
    'docs/a.md names DIPTYCH_E_TWO, which does not exist',
  ],
  ['that is not defined, in the code', 'src/a.ts', "'DIPTYCH_E_TWO'", 'src/a.ts names DIPTYCH_E_TWO'],
])('a code %s', (_name, path, text, problem) => {
  put(path, text);

  const { status, stderr } = check('error-docs');

  expect(status).toBe(1);
  expect(stderr).toContain(problem);
});
