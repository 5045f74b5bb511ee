import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

it('goes on when nobody reads the output of the gateway any more', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/main.js', 'run', '--source', 'test:', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // Closed before the first line is written.
  child.stdout.destroy();
  const closed = once(child, 'close') as Promise<[number | null]>;
  while (child.exitCode === null && !(await isHealthy(port))) await delay(50);
  // Time for what is written once it listens.
  await delay(500);

  expect(await isHealthy(port)).toBe(true);

  child.kill('SIGTERM');
  expect((await closed)[0]).toBe(0);
});
