import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'diptych-home-'));
});
afterAll(() => rm(home, { recursive: true }));

/** Runs a command on a machine that has no programs on its PATH and nothing in its caches. */
async function runBare(command: readonly string[]): Promise<{ readonly status: number; readonly errors: string }> {
  const child = spawn(process.execPath, ['dist/main.js', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: join(home, 'bin'), HOME: home, XDG_CACHE_HOME: join(home, 'cache') },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [status] = (await once(child, 'close')) as [number];
  return { status, errors };
}

it.each([
  { command: ['bench', 'overhead'], packages: 'gstreamer1.0-tools' },
  { command: ['bench', 'floor'], packages: 'gstreamer1.0-tools' },
  { command: ['bench', 'latency'], packages: 'chromium' },
  { command: ['demo', '--port', '0'], packages: 'ffmpeg' },
  { command: ['models', 'fetch', 'dlib-face-descriptor'], packages: 'npm' },
])('says in one line how to install what $command needs', async ({ command, packages }) => {
  const { status, errors } = await runBare(command);

  const last = errors.trimEnd().split('\n').at(-1) ?? '';
  expect(status).toBe(1);
  expect(last).toMatch(/^DIPTYCH_E_(PROGRAM_MISSING|MODEL): /);
  expect(last).toMatch(new RegExp(`apt-get install [^;]*${packages}`));
  expect(errors).not.toContain('ENOENT');
});

it('bench report says so before it says anything of a step', async () => {
  const { status, errors } = await runBare(['bench', 'report']);

  expect(status).toBe(1);
  expect(errors).toMatch(/^DIPTYCH_E_PROGRAM_MISSING: [^\n]*ffmpeg[^\n]*\n$/);
});
