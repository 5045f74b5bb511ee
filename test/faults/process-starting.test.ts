import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';
import { sendSignal } from '../send-signal.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from './running-gateway.js';
import { PATIENCE } from './viewers.js';

const run = promisify(execFile);
const SIGNALS = ['SIGKILL', 'SIGTERM'] as const;
/** Before its script is loaded, while it opens networks and graphs, and when it is about to be ready. */
const MOMENTS_MS = [0, 100, 300, 600, 1200];

/** Stream processes of a gateway, those that have ended and not been waited for left out. */
async function streamProcesses(parent: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(parent)]);
  const lines = stdout.split('\n').filter((line) => line.includes('stream/main.js') && !/^\s*\d+\s+Z/.test(line));
  return lines.map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** Every process whose environment holds this text, whoever its parent is. */
async function processesOf(mark: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.includes(mark)) found.push(Number(name));
  }
  return found;
}

/** A gateway for each signal, with one stream: most of a test is waiting, so both signals are tried at once. */
async function startGateways(settings: object): Promise<Readonly<Record<(typeof SIGNALS)[number], RunningGateway>>> {
  const [SIGKILL, SIGTERM] = await Promise.all(SIGNALS.map(() => startRunningGateway(settings)));
  if (!SIGKILL || !SIGTERM) throw new Error('there is a gateway for each signal');
  for (const gateway of [SIGKILL, SIGTERM]) await gateway.call('POST', '', { ...SMALL_STREAM, id: 'main' });
  return { SIGKILL, SIGTERM };
}

describe('a process that is ended while it starts', () => {
  let gateways: Awaited<ReturnType<typeof startGateways>>;
  const nextProcess = (gateway: RunningGateway, formers: readonly number[]): Promise<number> =>
    vi.waitFor(
      async () => {
        const [next] = (await streamProcesses(gateway.pid)).filter((pid) => !formers.includes(pid));
        if (next === undefined) throw new Error('no other stream process yet');
        return next;
      },
      { ...PATIENCE, interval: 5 },
    );

  beforeAll(async () => {
    // Every start is a whole one.
    gateways = await startGateways({ spareProcess: false });
  });

  afterAll(() => Promise.all(SIGNALS.map((signal) => gateways[signal].stop())));

  it.concurrent.each(SIGNALS)('is followed by another, and its stream plays: %s at any moment', async (signal) => {
    const gateway = gateways[signal];
    await gateway.until('main', ({ state }) => state === 'live');
    const ended = await streamProcesses(gateway.pid);
    sendSignal(ended[0], signal);
    for (const momentMs of MOMENTS_MS) {
      const pid = await nextProcess(gateway, ended);
      await delay(momentMs);
      sendSignal(pid, signal);
      ended.push(pid);
    }

    await nextProcess(gateway, ended);
    await gateway.until('main', ({ state }) => state === 'live');

    expect(await streamProcesses(gateway.pid)).toHaveLength(1);
    expect(ended.filter((pid) => isAlive(pid))).toEqual([]);
  });
});

describe('the spare process that is ended while it opens what the next stream needs', () => {
  let gateways: Awaited<ReturnType<typeof startGateways>>;

  beforeAll(async () => {
    gateways = await startGateways({});
  });

  afterAll(() => Promise.all(SIGNALS.map((signal) => gateways[signal].stop())));

  it.concurrent.each(SIGNALS)('is followed by another, and the stream never notices: %s', async (signal) => {
    const gateway = gateways[signal];
    await gateway.until('main', ({ state }) => state === 'live');
    const former = await vi.waitFor(async () => {
      const found = await streamProcesses(gateway.pid);
      expect(found).toHaveLength(2);
      return found;
    }, PATIENCE);
    const spare = former[1] ?? 0;
    sendSignal(spare, signal);

    const [stream, next] = await vi.waitFor(async () => {
      const found = await streamProcesses(gateway.pid);
      expect(found).toHaveLength(2);
      expect(found).not.toContain(spare);
      return found;
    }, PATIENCE);
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      expect(metrics).toMatch(/^diptych_spare_process_ready 1/m);
    }, PATIENCE);

    expect(stream).toBe(former[0]);
    expect(next).not.toBe(spare);
    expect(isAlive(spare)).toBe(false);
  });
});

describe('a gateway that is ended while it starts', () => {
  it.concurrent.each([50, 400, 900, 1800])(
    'leaves no process behind: after %i ms, by each signal',
    async (momentMs) => {
      for (const signal of SIGNALS) {
        const mark = randomUUID();
        const gateway = spawn(process.execPath, [builtPath('main.js'), 'run', '--port', '0', '--source', 'test:'], {
          env: { ...process.env, DIPTYCH_TEST_MARK: mark },
          stdio: 'ignore',
        });
        await delay(momentMs);

        sendSignal(gateway.pid, signal);

        await vi.waitFor(async () => {
          expect(await processesOf(mark)).toEqual([]);
        }, PATIENCE);
      }
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
