import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBelow } from '#src/gateway/access/file-access.adapter.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'diptych-files-'));
  for (const folder of ['named', 'named/inner', 'named-too', 'other']) await mkdir(join(root, folder));
  for (const file of ['named/a.mp4', 'named/inner/b.mp4', 'other/c.mp4']) await writeFile(join(root, file), '');
  await symlink(join(root, 'other'), join(root, 'named/to-other'));
  await symlink(join(root, 'other/c.mp4'), join(root, 'named/c.mp4'));
  await symlink(join(root, 'other/missing'), join(root, 'named/dangling'));
  await symlink(join(root, 'named'), join(root, 'by-another-name'));
});

afterAll(() => rm(root, { recursive: true }));

describe('a file is below the named folder', () => {
  it.each<[string, string, string, boolean]>([
    ['a file of it', 'named/a.mp4', 'named', true],
    ['a file further down', 'named/inner/b.mp4', 'named', true],
    ['one that is not there', 'named/none.mp4', 'named', true],
    ['one in a folder that is not there', 'named/none/none.mp4', 'named', true],
    ['the folder itself', 'named', 'named', false],
    ['a folder whose name begins alike', 'named-too/a.mp4', 'named', false],
    ['up and down again', 'named/../named/a.mp4', 'named', true],
    ['up and elsewhere', 'named/../other/c.mp4', 'named', false],
    ['elsewhere and not there', 'named/../other/none.mp4', 'named', false],
    ['by a link to a file elsewhere', 'named/c.mp4', 'named', false],
    ['by a link to a folder elsewhere', 'named/to-other/c.mp4', 'named', false],
    ['not there, by a link to a folder elsewhere', 'named/to-other/none.mp4', 'named', false],
    ['the folder is named by a link', 'by-another-name/a.mp4', 'by-another-name', true],
  ])('%s', (_name, file, folder, expected) => {
    expect(isBelow(`${root}/${file}`, [join(root, folder)])).toBe(expected);
  });

  it('no folder is named', () => {
    expect(isBelow(join(root, 'named/a.mp4'), [])).toBe(false);
  });

  it('every folder is named', () => {
    expect(isBelow(join(root, 'other/c.mp4'), ['/'])).toBe(true);
  });
});
