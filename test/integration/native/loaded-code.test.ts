import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';
import { loadTestAddon } from './test-addon.js';

const MB = 2 ** 20;

/** Code and constants of files in the memory of this process, and what was written of other parts of files, bytes. */
async function mappedFiles(): Promise<{ readonly code: number; readonly written: number }> {
  const text = await readFile('/proc/self/smaps', 'utf8');
  const sum = { code: 0, written: 0 };
  for (const mapping of text.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, rights = ''] = /^\S+ (\S+) .*\//.exec(mapping) ?? [];
    const bytes = (field: string): number =>
      1024 * Number(new RegExp(`^${field}: +(\\d+)`, 'm').exec(mapping)?.[1] ?? 0);
    if (rights.startsWith('r-')) sum.code += bytes('Rss') - bytes('Anonymous');
    if (rights !== '') sum.written += bytes('Anonymous');
  }
  return sum;
}

it('takes code that is not used out of memory, and leaves what was written', async () => {
  const addon = loadTestAddon();
  const before = await mappedFiles();

  const bytes = await addon.unmapLoadedCode();

  const after = await mappedFiles();
  expect(bytes).toBeGreaterThan(30 * MB);
  // What runs is mapped again while this is measured.
  expect(before.code - after.code).toBeGreaterThan(bytes / 3);
  expect(after.written).toBeGreaterThanOrEqual(before.written);
});

it('goes on while everything is used', async () => {
  const addon = loadTestAddon();
  let rounds = 0;
  const until = performance.now() + 1000;
  while (performance.now() < until) {
    const [bytes] = await Promise.all([
      addon.unmapLoadedCode(),
      import(`data:text/javascript,export default ${rounds}`),
      addon.returnFreeMemory(),
    ]);
    expect(bytes).toBeGreaterThan(0);
    addon.elementProperties('videotestsrc');
    rounds += 1;
  }

  expect(rounds).toBeGreaterThan(5);
});

it('leaves code that was copied into memory of its own, as Node does for large pages', async () => {
  const addon = JSON.stringify(packagePath('native/build/Release/diptych.node'));
  const program = `require(${addon}).unmapLoadedCode().then((bytes) => console.log(bytes))`;

  const { stdout } = await promisify(execFile)(process.execPath, ['--use-largepages=on', '-e', program]);

  expect(Number(stdout)).toBeGreaterThan(5 * MB);
});
