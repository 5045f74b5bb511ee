import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const SETUP = packagePath('src/setup/');

interface StampModule {
  readonly hashOf: (paths: readonly string[], words?: readonly string[]) => string;
  readonly unlessMade: (
    made: { readonly stamp: string; readonly hash: string; readonly outputs: readonly string[] },
    work: () => Promise<unknown>,
  ) => Promise<void>;
}

interface ProgressModule {
  readonly run: (
    command: string,
    parameters: readonly string[],
    options: { readonly log: string; readonly advice: string },
  ) => Promise<void>;
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-setup-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A system made of nothing but what `programs` says; each is a shell script. */
function setUp(
  parameters: readonly string[],
  programs: Readonly<Record<string, string>>,
  path = '',
): ReturnType<typeof result> {
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = { ...process.env, PATH: `${folder}:${path}`, DIPTYCH_SKIP_PACKAGES: '' };
  return result(spawnSync(process.execPath, [join(SETUP, 'setup.mjs'), ...parameters], { env, encoding: 'utf8' }));
}

const result = ({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }) => ({
  status,
  stdout,
  problem: stderr.trim().split('\n').at(-1) ?? '',
});

describe('set-up', () => {
  it.each([[[]], [['--for=fun']], [['--for=test', '--fast']]])('refuses to guess what it is for: %j', (parameters) => {
    const { status, problem } = setUp(parameters, {});

    expect(status).toBe(2);
    expect(problem).toMatch(/^set-up: expected --for=demo\|test\|start/);
  });

  it('names the packages on a system without apt, and stops', () => {
    const { status, problem } = setUp(['--for=test'], {});

    expect(status).toBe(2);
    for (const name of [
      'g++',
      'libgstreamer1.0-dev',
      'gstreamer1.0-libav',
      'ffmpeg',
      'libnginx-mod-rtmp',
      'etcd-server',
    ]) {
      expect(problem).toContain(` ${name}`);
    }
    expect(problem).toContain('DIPTYCH_SKIP_PACKAGES=1');
  });

  it('asks for no test server where only the gateway is wanted', () => {
    const { problem } = setUp(['--for=start'], {});

    expect(problem).toContain(' g++');
    expect(problem).not.toMatch(/nginx|valgrind|ffmpeg|etcd/);
  });

  it('says what to do when apt cannot reach its servers', () => {
    const { status, problem } = setUp(
      ['--for=start'],
      {
        'dpkg-query': 'echo "g++ installed"',
        'apt-get': 'echo "E: Failed to fetch"; exit 100',
        // Would run beside apt where this clone's packages are out of date.
        npm: 'sleep 20; exit 1',
        sudo: 'case "$1" in -v) exit 0;; esac; shift; exec "$@"',
      },
      '/usr/bin:/bin',
    );

    expect(status).toBe(1);
    expect(problem).toMatch(/ended with 100; check the network.*apt-get install make .*apt\.log/);
    expect(problem).not.toContain('install g++');
  });

  it('says how to go on where it is not allowed to install', () => {
    vi.stubEnv('NODE_OPTIONS', '--import=data:text/javascript,process.getuid=()=>1000');
    const { status, problem } = setUp(['--for=start'], { 'dpkg-query': 'true', 'apt-get': 'exit 100', sudo: 'exit 1' });
    vi.unstubAllEnvs();

    expect(status).toBe(1);
    expect(problem).toMatch(/^set-up: sudo said no; run as root: apt-get install g\+\+ /);
  });
});

describe('stamps', () => {
  it('do work again only when something it was made from changed, or what it made is gone', async () => {
    const { hashOf, unlessMade } = (await import(join(SETUP, 'stamp.mjs'))) as StampModule;
    const [source, output, stamp] = ['source', 'output', 'stamp'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    let times = 0;
    const make = (): Promise<void> =>
      unlessMade({ stamp, hash: hashOf([source], ['x64']), outputs: [output] }, async () => {
        times += 1;
        writeFileSync(output, '');
        return Promise.resolve();
      });
    writeFileSync(source, 'one');

    await make();
    await make();
    expect(times).toBe(1);
    writeFileSync(source, 'two');
    await make();
    expect(times).toBe(2);
    rmSync(output);
    await make();
    expect(times).toBe(3);
  });

  it('are not left by work that failed', async () => {
    const { unlessMade } = (await import(join(SETUP, 'stamp.mjs'))) as StampModule;
    const stamp = join(folder, 'stamp');

    await expect(unlessMade({ stamp, hash: 'h', outputs: [] }, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );

    expect(existsSync(stamp)).toBe(false);
  });
});

describe('a program that a step runs', () => {
  it('fails with advice, its last words and a log of everything', async () => {
    const { run } = (await import(join(SETUP, 'progress.mjs'))) as ProgressModule;
    const log = join(folder, 'logs/step.log');

    const failure = run('sh', ['-c', 'for i in $(seq 20); do echo line $i; done; echo broken >&2; exit 3'], {
      log,
      advice: 'buy a new one',
    });

    await expect(failure).rejects.toThrow(`sh ended with 3; buy a new one (everything it said is in ${log})`);
    await expect(failure).rejects.toMatchObject({ tail: expect.arrayContaining(['line 20']) as unknown });
    expect(readFileSync(log, 'utf8')).toContain('line 1\n');
  });
});
