import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { PATIENCE, Viewers } from './viewers.js';
import { sendSignal } from '../send-signal.js';

const run = promisify(execFile);
const OPTIONS = ['--source', 'test:'];

/** Every process that the gateway started: stream, spare process and media worker. */
async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a gateway that is killed, or stands still', () => {
  let browser: Browser;
  let gateway: GatewayProcess;
  let viewers: Viewers;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    gateway = await startGatewayProcess(OPTIONS);
    endings.push(() => gateway.stop());
    browser = await launchChromium();
    endings.push(() => browser.close());
    viewers = await Viewers.open(browser, `${gateway.url}/s/main`, 1);
    await viewers.play();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('leaves no process behind, gets its ports again, and viewers come back by themselves', async () => {
    const children = await vi.waitFor(async () => {
      const found = await childrenOf(gateway.pid);
      // The media worker, the stream, and the spare process.
      expect(found.length).toBeGreaterThanOrEqual(3);
      return found;
    }, PATIENCE);
    const { port } = new URL(gateway.url);
    sendSignal(gateway.pid, 'SIGKILL');

    await vi.waitFor(() => {
      expect(children.filter(isAlive)).toEqual([]);
    }, PATIENCE);
    gateway = await startGatewayProcess([...OPTIONS, '--port', port]);
    await viewers.play();

    expect(new URL(gateway.url).port).toBe(port);
  });

  it('stands still for ten seconds and goes on, with the same processes and the picture moving all the time', async () => {
    await vi.waitFor(async () => expect((await gateway.status('main')).state).toBe('live'), PATIENCE);
    await viewers.play();
    const children = await vi.waitFor(async () => {
      const found = await childrenOf(gateway.pid);
      expect(found.length).toBeGreaterThanOrEqual(3);
      expect(await isSpareReady(gateway)).toBe(true);
      return found;
    }, PATIENCE);
    sendSignal(gateway.pid, 'SIGSTOP');
    const stoppedMs = Date.now();

    try {
      await viewers.play();
      await delay(Math.max(0, 10_000 - (Date.now() - stoppedMs)));
    } finally {
      sendSignal(gateway.pid, 'SIGCONT');
    }
    // Whatever would be thought silent has been judged by then.
    await delay(6_000);
    await viewers.play();

    expect(await childrenOf(gateway.pid)).toEqual(children);
    expect((await gateway.status('main')).state).toBe('live');
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    expect(await restartsOf(gateway)).toBe(0);
  });
});

const metricsOf = async ({ url }: GatewayProcess): Promise<string> => (await fetch(`${url}/metrics`)).text();
const isSpareReady = async (gateway: GatewayProcess): Promise<boolean> =>
  /^diptych_spare_process_ready 1/m.test(await metricsOf(gateway));
const restartsOf = async (gateway: GatewayProcess): Promise<number> =>
  Number(/^diptych_stream_restarts_total\{[^}]*\} (\d+)/m.exec(await metricsOf(gateway))?.[1]);
