import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isSameFile, targetOf } from '#src/shared/files/same-file.adapter.js';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'diptych-same-')));
  await writeFile(join(folder, 'a'), 'a');
  await writeFile(join(folder, 'b'), 'a');
  await mkdir(join(folder, 'sub'));
  await symlink('a', join(folder, 'to-a'));
  await symlink('new', join(folder, 'to-new'));
  await symlink('.', join(folder, 'here'));
  await symlink('loop', join(folder, 'loop'));
  await link(join(folder, 'a'), join(folder, 'hard-a'));
});
afterEach(() => rm(folder, { recursive: true }));

it.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', './sub/../a', true],
  ['a', 'to-a', true],
  ['a', 'hard-a', true],
  ['to-a', 'here/hard-a', true],
  ['new', 'new', true],
  ['new', 'here/new', true],
  ['new', 'to-new', true],
  ['new', 'sub/new', false],
  ['nowhere/new', 'nowhere/new', false],
  ['loop', 'a', false],
])('%s and %s are the same file: %s', async (a, b, same) => {
  expect(await isSameFile(join(folder, a), join(folder, b))).toBe(same);
  expect(await isSameFile(relative('.', join(folder, a)), join(folder, b))).toBe(same);
});

it.each([
  ['to-a', 'a'],
  ['to-new', 'new'],
  ['here/sub/new', 'sub/new'],
])('writing to %s writes %s', async (path, target) => {
  expect(await targetOf(join(folder, path))).toBe(join(folder, target));
});
