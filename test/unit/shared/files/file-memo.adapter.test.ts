import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileMemo } from '#src/shared/files/file-memo.adapter.js';

const AT_S = 1_700_000_000;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-memo-'));
  path = join(folder, 'a');
  await write('one', AT_S);
});

afterEach(() => rm(folder, { recursive: true }));

async function write(content: string, atS: number): Promise<void> {
  await writeFile(path, content);
  await utimes(path, atS, atS);
}

it.each([
  { change: 'none', content: 'one', atS: AT_S, found: [1, 1] },
  { change: 'its time', content: 'one', atS: AT_S + 1, found: [1, 2] },
  { change: 'its size', content: 'three', atS: AT_S, found: [1, 2] },
])('looks at a file again where that changed: $change', async ({ content, atS, found }) => {
  const memo = new FileMemo<number>();
  let looked = 0;
  const find = () => Promise.resolve(++looked);

  const first = await memo.of(path, find);
  await write(content, atS);

  expect([first, await memo.of(path, find)]).toEqual(found);
});

it('looks once for all who ask at a time, and keeps a failure', async () => {
  const memo = new FileMemo<number>();
  const find = vi.fn(() => Promise.reject(new Error('damaged')));

  const asked = await Promise.allSettled([memo.of(path, find), memo.of(path, find)]);

  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(memo.of(path, find)).rejects.toThrow('damaged');
  expect(find).toHaveBeenCalledOnce();
});

it('asks each time for a file that is not there', async () => {
  const memo = new FileMemo<string>();
  const find = vi.fn(() => Promise.resolve('none'));

  await memo.of(join(folder, 'b'), find);
  await memo.of(join(folder, 'b'), find);

  expect(find).toHaveBeenCalledTimes(2);
});
