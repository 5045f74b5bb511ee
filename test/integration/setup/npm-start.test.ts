import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '#src/bench/nginx-rtmp.adapter.js';
import { sendSignal } from '../../send-signal.js';
import { isOpen } from '../../is-open.js';

const END_LIMIT_MS = 10_000;

let npm: ChildProcess | undefined;

afterEach(() => {
  if (npm?.pid === undefined) return;
  try {
    process.kill(-npm.pid, 'SIGKILL');
  } catch {
    // As it should be: nothing of the group is left.
  }
});

/** Process ids of a process group, without those that have ended and wait to be reaped. */
async function membersOf(group: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, i) => {
    // pid (name) state parent group …; the name may hold spaces.
    const [state, , groupOf] = stats[i]!.slice(stats[i]!.lastIndexOf(')') + 2).split(' ');
    return Number(groupOf) === group && state !== 'Z';
  });
}

async function waitUntilEnded(group: number): Promise<readonly number[]> {
  const deadlineMs = performance.now() + END_LIMIT_MS;
  let left = await membersOf(group);
  while (left.length > 0 && performance.now() < deadlineMs) {
    await delay(100);
    left = await membersOf(group);
  }
  return left;
}

/** Starts npm in a process group of its own, and resolves when the gateway listens. */
async function startNpm(parameters: readonly string[], shell: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn('npm', [...parameters], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...process.env,
      DIPTYCH_SKIP_PACKAGES: '1',
      npm_config_script_shell: shell,
      npm_config_update_notifier: 'false',
    },
  });
  npm = child;
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.startsWith('viewer: ')) resolve();
    });
    child.once('exit', () => reject(new Error('npm ended before the gateway listened')));
  });
  return child as ChildProcess & { pid: number };
}

it.each([
  { script: 'start', signal: 'SIGTERM', shell: 'sh', status: 0 },
  { script: 'start', signal: 'SIGINT', shell: 'sh', status: 0 },
  { script: 'start', signal: 'SIGTERM', shell: 'bash', status: 0 },
  // Nothing can be passed on: the program sees that npm has gone.
  { script: 'start', signal: 'SIGKILL', shell: 'sh', status: null },
  { script: 'demo', signal: 'SIGTERM', shell: 'sh', status: 0 },
] as const)(
  'npm run $script with $shell leaves nothing behind after $signal to npm alone',
  { timeout: 180_000 },
  async ({ script, signal, shell, status }) => {
    const port = await freePort();
    const options = script === 'demo' ? [] : ['run', '--source', 'test:'];
    const child = await startNpm(['run', script, '--', ...options, '--port', String(port)], shell);
    const ended = once(child, 'exit') as Promise<[number | null]>;
    expect(await isOpen(port)).toBe(true);
    expect((await membersOf(child.pid)).length).toBeGreaterThan(1);

    sendSignal(child.pid, signal);

    expect((await ended)[0]).toBe(status);
    expect(await waitUntilEnded(child.pid)).toEqual([]);
    expect(await isOpen(port)).toBe(false);
  },
);
