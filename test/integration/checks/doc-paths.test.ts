import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-docs-'));
  put('src/stream/main.ts', '');
  put('src/stream/pipeline.ts', '');
  put('pipelines/encode-x264.launch', '');
});

afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function check(): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [packagePath('.checks/doc-paths.mjs'), folder], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

it.each([
  ['a file', '`src/stream/main.ts`'],
  ['a folder', '`src/stream/`'],
  ['a line of a file', '`src/stream/main.ts:12`'],
  ['any of several', '`pipelines/encode-*.launch` and `src/stream/{main,pipeline}.ts`'],
  ['a name of its own choice', '`pipelines/encode-NAME.launch`'],
  ['a file by its name alone', '`pipeline.ts`'],
  ['a link', '[the pipeline](../src/stream/pipeline.ts#L3), [elsewhere](https://example.org/src/x.ts)'],
  ['a command', '`node src/gone.mjs --for=demo`'],
])('a document may name %s', (_, text) => {
  put('docs/architecture.md', text);

  expect(check()).toEqual({ status: 0, stderr: '' });
});

it.each([
  ['docs/architecture.md', 'See\n`src/gone.ts`.', 'docs/architecture.md:2 names src/gone.ts, which is not there'],
  ['README.md', '`src/stream/gone/`', 'README.md:1 names src/stream/gone/'],
  ['docs/a.md', '`gone.adapter.ts`', 'docs/a.md:1 names gone.adapter.ts'],
  ['docs/a.md', '`pipelines/decode-*.launch`', 'docs/a.md:1 names pipelines/decode-*.launch'],
  ['docs/a.md', '[gone](gone.md)', 'docs/a.md:1 names docs/gone.md'],
])('%s may not name what is not there: %j', (path, text, problem) => {
  put(path, text);

  const { status, stderr } = check();

  expect(status).toBe(1);
  expect(stderr).toContain(problem);
});
