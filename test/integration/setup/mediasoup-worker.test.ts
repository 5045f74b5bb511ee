import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const RECIPE = 'native/mediasoup-worker';
const WORKER = packagePath('node_modules/mediasoup/worker');

interface Unit {
  readonly name: string;
  readonly sources: readonly string[];
}

interface UnitsModule {
  readonly TARGETS: readonly { readonly file: string; readonly list: string; readonly units: readonly Unit[] }[];
  readonly membersOf: (units: readonly Unit[], sources: readonly string[]) => ReadonlyMap<string, readonly string[]>;
  readonly sourcesIn: (text: string, list: string) => readonly string[];
  readonly writeUnits: (worker: string) => void;
}

interface WorkerModule {
  readonly recipeOf: (root: string) => string;
  readonly cachedWorker: (mediasoup: string, recipe: string) => string;
  readonly provideWorker: (places: { readonly root: string; readonly logs: string }) => Promise<void>;
}

const { TARGETS, membersOf, sourcesIn, writeUnits } = (await import(packagePath(`${RECIPE}/units.mjs`))) as UnitsModule;
const { recipeOf, cachedWorker, provideWorker } = (await import(
  packagePath('src/setup/mediasoup-worker.mjs')
)) as WorkerModule;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-worker-test-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A clone with what concerns the worker in it. */
function makeClone(name: string): string {
  const root = join(folder, name);
  cpSync(packagePath(RECIPE), join(root, RECIPE), { recursive: true });
  mkdirSync(join(root, 'node_modules/mediasoup'), { recursive: true });
  writeFileSync(join(root, 'node_modules/mediasoup/package.json'), '{ "version": "3.27.1" }');
  return root;
}

describe('the units that the worker is compiled in', () => {
  it.each(TARGETS)('hold each source of $list once, and name only sources of $file', ({ file, list, units }) => {
    const sources = sourcesIn(readFileSync(join(WORKER, file), 'utf8'), list);

    const members = [...membersOf(units, sources).values()];

    expect(members.flat().toSorted()).toEqual(sources.toSorted());
    expect(sources.length).toBeGreaterThan(40);
    for (const unit of members) expect(unit).not.toEqual([]);
  });

  it.each(TARGETS)('let no macro of one source of $list reach another', ({ file, list }) => {
    const sources = sourcesIn(readFileSync(join(WORKER, file), 'utf8'), list);
    const texts = sources.map((path) => readFileSync(join(dirname(join(WORKER, file)), path), 'utf8'));

    const macros = texts.flatMap((text, index) =>
      [...text.matchAll(/^\s*#\s*define\s+(\w+)/gm)].map(([, name = '']) => ({ name, index })),
    );

    const shared = macros.filter(
      ({ name, index }) => name !== 'MS_CLASS' && texts.some((text, other) => other !== index && text.includes(name)),
    );
    expect(macros.length).toBeGreaterThan(0);
    expect(shared).toEqual([]);
  });

  it('take the place of the sources in the build file, the conditional ones among them', () => {
    const listed = (names: readonly string[]): string => names.map((name) => `  '${name}',\n`).join('');
    for (const { file, list, units } of TARGETS) {
      const [first, ...others] = units.flatMap(({ sources }) => sources.map((path) => path.replace(/\/$/, '/a.cpp')));
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(
        join(folder, file),
        `${list} = [\n${listed(others)}]\nif here\n  ${list} += [\n${listed([first ?? ''])}]\nendif\n`,
      );
    }

    writeUnits(folder);

    for (const { file, list, units } of TARGETS) {
      const names = units.map(({ name }) => `${name}.cpp`);
      expect(readFileSync(join(folder, file), 'utf8')).toBe(`${list} = [\n${listed(names)}]\nif here\n  \nendif\n`);
      for (const name of names)
        expect(readFileSync(join(dirname(join(folder, file)), name), 'utf8')).toContain('#include "');
    }
  });

  it.each([
    { is: 'fits none of them', units: [{ name: 'a', sources: ['a/'] }], problem: 'no unit for b/1.cpp' },
    {
      is: 'is named by one but gone',
      units: [{ name: 'a', sources: ['a/', 'b/', 'b/2.cpp'] }],
      problem: 'unit a names b/2.cpp, which is no source',
    },
  ])('refuse a source that $is', ({ units, problem }) => {
    expect(() => membersOf(units, ['a/1.cpp', 'b/1.cpp'])).toThrow(problem);
  });
});

describe('the build of the worker', () => {
  // libwebrtc includes headers that it does not depend on: built beside them, it found some and missed others.
  it('makes the headers of the protocol before anything is compiled', async () => {
    const { buildWorker } = (await import(packagePath(`${RECIPE}/build.mjs`))) as {
      readonly buildWorker: (mediasoup: string, output: string) => void;
    };
    const calls = join(folder, 'calls');
    const tools = { meson: 'mkdir -p "$2"', ninja: 'touch "$2/mediasoup-worker"', strip: 'cp "$3" "$2"' };
    for (const [name, does] of Object.entries(tools)) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} "$@" >> ${calls}\n${does}\n`, { mode: 0o755 });
    }
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);

    buildWorker(dirname(WORKER), join(folder, 'out/mediasoup-worker'));

    const ninja = readFileSync(calls, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('ninja '));
    expect(ninja).toHaveLength(2);
    expect(ninja[0]).toMatch(/ fbs\/FBS\/transport\.h$/);
    expect(ninja[1]).toMatch(/ mediasoup-worker$/);
  });
});

describe('a worker that was built', () => {
  it.each(['build.mjs', 'units.mjs', 'subprojects/libsrtp3/include/srtp.h'])(
    'is another file in the cache when %s changes, and the same for every clone',
    (changed) => {
      const [one, same, other] = ['one', 'same', 'other'].map(makeClone) as [string, string, string];
      writeFileSync(join(other, RECIPE, changed), 'changed');
      const nameOf = (root: string): string => cachedWorker(join(root, 'node_modules/mediasoup'), recipeOf(root));

      expect(nameOf(same)).toBe(nameOf(one));
      expect(nameOf(other)).not.toBe(nameOf(one));
      expect(nameOf(one)).toContain('/diptych/mediasoup-worker-3.27.1-');
    },
  );

  it.each([
    { is: 'another recipe', stamp: 'older', expected: 'from the cache' },
    { is: 'this recipe', stamp: undefined, expected: 'in place' },
  ])('in the place of $is gives $expected', async ({ stamp, expected }) => {
    const root = makeClone('clone');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('MEDIASOUP_WORKER_BIN', '');
    const recipe = recipeOf(root);
    const place = join(root, 'node_modules/mediasoup/worker/out/Release/mediasoup-worker');
    writeWorker(cachedWorker(join(root, 'node_modules/mediasoup'), recipe), 'from the cache');
    writeWorker(place, 'in place');
    writeFileSync(`${place}.recipe`, stamp ?? recipe);

    await provideWorker({ root, logs: join(folder, 'logs') });

    expect(readFileSync(place, 'utf8')).toContain(expected);
    expect(readFileSync(`${place}.recipe`, 'utf8')).toBe(recipe);
    expect(existsSync(join(folder, 'logs'))).toBe(false);
  });
});

/** Ends as a worker that was started by hand does. */
function writeWorker(path: string, words: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n# ${words}\nexit 41\n`, { mode: 0o755 });
}
