import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';
import { softGpu } from '../gpu/soft-cuda.js';

const MODULE = pathToFileURL(packagePath('src/setup/gpu-provider.mjs')).href;
const NAMES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

let folder: string;
let root: string;
let beside: string;
let archive: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-gpu-provider-'));
  root = join(folder, 'tree');
  beside = join(root, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64');
  mkdirSync(beside, { recursive: true });
  archive = packArchive();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A package as npm has it, with libraries that are none. */
function packArchive(): string {
  const libraries = join(folder, 'package/Plugins/Linux/x64');
  mkdirSync(libraries, { recursive: true });
  writeFileSync(
    join(folder, 'package/package.json'),
    JSON.stringify({ name: 'gpu-provider-fixture', version: '1.2.3' }),
  );
  for (const name of NAMES) writeFileSync(join(libraries, name), contentOf(name));
  spawnSync('tar', ['-czf', 'fixture.tgz', 'package'], { cwd: folder });
  return join(folder, 'fixture.tgz');
}

const contentOf = (name: string): string => `this is ${name}`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Runs the step in a process of its own; `cache` is where it keeps what it fetched. */
function provide({
  source = archive,
  version = '1.2.3',
  hashOf = (name: string) => sha256(contentOf(name)),
  cache = join(folder, 'cache'),
  driver = softGpu().libcuda!,
} = {}) {
  const provider = {
    archive: source,
    version,
    libraries: Object.fromEntries(NAMES.map((name) => [name, hashOf(name)])),
  };
  const program = `
    import { provideGpuProvider } from ${JSON.stringify(MODULE)};
    await provideGpuProvider(${JSON.stringify({ root, logs: join(folder, 'logs') })}, ${JSON.stringify(provider)});`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, XDG_CACHE_HOME: cache, DIPTYCH_LIBCUDA: driver },
    encoding: 'utf8',
  });
  return { status, stdout, problems: stderr.trim().split('\n').filter(Boolean) };
}

describe.runIf(process.arch === 'x64')('the CUDA provider', () => {
  it('is fetched once and linked beside onnxruntime; the second time nothing is done', () => {
    const first = provide();
    const second = provide({ source: 'no-such-archive.tgz' });

    expect(first).toMatchObject({ status: 0, problems: [], stdout: expect.stringMatching(/GPU.*done/) as string });
    for (const name of NAMES) {
      expect(lstatSync(join(beside, name)).isSymbolicLink()).toBe(true);
      expect(realpathSync(join(beside, name))).toBe(join(folder, 'cache/diptych/onnxruntime-gpu-1.2.3', name));
      expect(readFileSync(join(beside, name), 'utf8')).toBe(contentOf(name));
    }
    expect(readdirSync(join(folder, 'cache/diptych'))).toEqual(['onnxruntime-gpu-1.2.3']);
    expect(second).toEqual({ status: 0, stdout: '', problems: [] });
  });

  it('is linked anew, without being fetched, in another clone and after npm ci', () => {
    provide();
    for (const name of NAMES) rmSync(join(beside, name));

    expect(provide({ source: 'no-such-archive.tgz' })).toEqual({ status: 0, stdout: '', problems: [] });
    expect(readdirSync(beside).sort()).toEqual([...NAMES].sort());
  });

  it('gives way to another version', () => {
    provide();
    provide({ version: '1.2.4' });

    expect(realpathSync(join(beside, NAMES[0]!))).toContain('onnxruntime-gpu-1.2.4');
  });

  it('is mended where a file in the cache is damaged', () => {
    provide();
    rmSync(join(beside, NAMES[0]!));
    writeFileSync(join(folder, 'cache/diptych/onnxruntime-gpu-1.2.3', NAMES[0]!), 'half');

    provide();

    expect(readFileSync(join(beside, NAMES[0]!), 'utf8')).toBe(contentOf(NAMES[0]!));
  });

  it('leaves files alone that somebody else put there', () => {
    for (const name of NAMES) writeFileSync(join(beside, name), 'own build');

    expect(provide()).toEqual({ status: 0, stdout: '', problems: [] });
    expect(readFileSync(join(beside, NAMES[0]!), 'utf8')).toBe('own build');
  });

  it.each([
    ['an archive that is cut off', () => ({ source: cutOff() }), /npm|tar/],
    ['a package that nobody has', () => ({ source: join(folder, 'nowhere.tgz') }), /npm registry.*room for/],
    ['other contents', () => ({ hashOf: () => sha256('else') }), /sha256 of a library differs/],
    ['a cache that can not be written', () => ({ cache: join(archive, 'cache') }), /ENOTDIR/],
  ])('tells of %s in one line, and leaves nothing behind', (_, options, expected) => {
    const { status, problems } = provide(options());

    expect(status).toBe(0);
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems[0]).toContain('networks run on the CPU until');
    expect(readdirSync(beside)).toEqual([]);
    const cache = join(folder, 'cache/diptych');
    expect(spawnSync('ls', ['-A', cache], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('is not asked for where there is no driver', () => {
    expect(provide({ driver: join(folder, 'libcuda.so.1') })).toEqual({ status: 0, stdout: '', problems: [] });
    expect(readdirSync(beside)).toEqual([]);
  });
});

function cutOff(): string {
  const path = join(folder, 'cut.tgz');
  writeFileSync(path, readFileSync(archive).subarray(0, 150));
  return path;
}
