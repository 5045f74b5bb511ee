import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
let config: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'diptych-guard-'));
  config = path.join(folder, 'gateway.yaml');
  await writeFile(config, 'http: { port: 0 }\nstreams: []\n');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The built gateway, with code that runs when it gets SIGUSR2. */
async function startGateway(onSignal: string) {
  const preload = path.join(folder, `preload-${performance.now()}.mjs`);
  await writeFile(preload, `process.on('SIGUSR2', () => { ${onSignal} });`);
  const child = spawn(process.execPath, ['--import', preload, 'dist/main.js', 'run', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = text(child.stderr);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = /viewer: (\S+)\//.exec(line.toString())?.[1] ?? '';
  return { child, log, closed, isHealthy: async () => (await fetch(`${url}/healthz`)).ok };
}

it.each([
  ['an exception that nothing catches', "throw new TypeError('a bug')"],
  ['a rejection that nothing handles', "Promise.reject(new TypeError('a bug'))"],
])('goes on after %s, says so, and still ends when told to', async (_name, onSignal) => {
  const { child, log, closed, isHealthy } = await startGateway(onSignal);

  child.kill('SIGUSR2');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const isHealthyAfter = await isHealthy();
  child.kill('SIGTERM');

  expect(isHealthyAfter).toBe(true);
  expect((await closed)[0]).toBe(0);
  expect(await log).toMatch(/TypeError: a bug.*an error that nothing handled; the gateway goes on/);
  expect(await log).toContain('gateway ended');
});

it('ends with status 1 where Node itself is broken, after it has closed', async () => {
  const { child, log, closed } = await startGateway(
    "throw Object.assign(new Error('broken'), { code: 'ERR_INTERNAL_ASSERTION' })",
  );

  child.kill('SIGUSR2');

  expect((await closed)[0]).toBe(1);
  expect(await log).toMatch(/the gateway cannot go on and ends[^]*gateway ended[^]*DIPTYCH_E_INTERNAL: Error: broken/);
});
