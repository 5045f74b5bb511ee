import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_STATE, type StateDocument } from '#src/gateway/state/state-document.js';
import { StateFile, type StateFileSystem } from '#src/gateway/state/state-file.adapter.js';

const generation = (number: number): StateDocument => ({
  version: 1,
  generation: number,
  streams: [{ added: { id: `s${number}` } }],
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'diptych-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The calls that change the disk, each of which may be the last one: power is lost before call `until`. */
function failingDisk(until: number): { readonly files: StateFileSystem; readonly calls: string[] } {
  const calls: string[] = [];
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    if (calls.length === until) throw new Error('power was lost');
    calls.push(name);
    await work();
  };
  const files: StateFileSystem = {
    makeFolder: (made) => step('makeFolder', () => mkdir(made, { recursive: true })),
    // What power cuts off while it is written is there in part.
    writeThrough: async (file, text) => {
      if (calls.length === until) await writeFile(file, text.slice(0, text.length / 2));
      await step('writeThrough', () => writeFile(file, text));
    },
    link: (file, name) =>
      step('link', async () => {
        await rm(name, { force: true });
        await link(file, name).catch(() => undefined);
      }),
    rename: (file, name) => step('rename', () => rename(file, name).catch(() => undefined)),
    syncFolder: () => step('syncFolder', () => Promise.resolve()),
  };
  return { files, calls };
}

describe('StateFile', () => {
  it('has nothing where nothing was written', async () => {
    expect(await new StateFile(path.join(folder, 'none')).read('t')).toEqual({ state: EMPTY_STATE, problems: [] });
  });

  it('has what was written last, and the generation before it beside it, for this user alone', async () => {
    const file = new StateFile(path.join(folder, 'state'));
    for (const number of [1, 2, 3]) await file.write(generation(number));

    expect((await new StateFile(path.join(folder, 'state')).read('t')).state).toEqual(generation(3));
    const names = await readdir(path.join(folder, 'state'));
    expect(names.sort()).toEqual(['streams.previous.yaml', 'streams.yaml']);
    expect(await readFile(path.join(folder, 'state', 'streams.previous.yaml'), 'utf8')).toContain('generation: 2');
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'has the former one or the new one, whole, where power is lost before call %i',
    async (until) => {
      await new StateFile(folder).write(generation(1));
      const { files, calls } = failingDisk(until);

      await expect(new StateFile(folder, files).write(generation(2))).rejects.toMatchObject({
        code: 'DIPTYCH_E_STATE',
      });

      expect(calls).toHaveLength(until);
      const { state, problems } = await new StateFile(folder).read('t');
      expect([1, 2]).toContain(state.generation);
      expect(state).toEqual(generation(state.generation));
      expect(problems).toEqual([]);
      await new StateFile(folder).write(generation(3));
      expect((await new StateFile(folder).read('t')).state).toEqual(generation(3));
    },
  );

  it('takes its name only once the disk has the text, and is acknowledged only once the disk has the name', async () => {
    const { files, calls } = failingDisk(Infinity);

    await new StateFile(folder, files).write(generation(1));

    expect(calls).toEqual(['makeFolder', 'writeThrough', 'link', 'rename', 'rename', 'syncFolder']);
  });

  it('takes the generation before one that is damaged, and puts that aside', async () => {
    const file = new StateFile(folder);
    await file.write(generation(1));
    await file.write(generation(2));
    await writeFile(file.path, 'version: 1\nstreams: [');

    const { state, problems } = await file.read('T1');

    expect(state).toEqual(generation(1));
    expect(problems).toEqual([expect.stringMatching(/streams\.damaged-T1\.yaml; streams\.previous\.yaml is taken/)]);
    expect(await readFile(path.join(folder, 'streams.damaged-T1.yaml'), 'utf8')).toContain('streams: [');
  });
});
