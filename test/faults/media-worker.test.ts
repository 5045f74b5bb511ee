import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';
import { nextMediaWorker, PATIENCE, Viewers } from './viewers.js';
import { sendSignal } from '../send-signal.js';

const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 44000, maxPort: 44300 }
streams: [{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15, bitrateKbps: 300 } }]
`;

/** Twelve real pages, one real stream, and the process between them killed and stopped. */
describe('viewers of a media worker', () => {
  let browser: Browser;
  let gateway: Gateway;
  let viewers: Viewers;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  const worker = (former?: number): Promise<number> => nextMediaWorker(process.pid, former);
  const kill = async (former?: number): Promise<number> => {
    const pid = await worker(former);
    sendSignal(pid, 'SIGKILL');
    return pid;
  };
  const readiness = async (): Promise<{ status: number; reason: string | undefined }> => {
    const response = await fetch(`${gateway.url}/readyz`);
    return { status: response.status, reason: ((await response.json()) as { reason?: string }).reason };
  };
  /** The stream knows nothing of the trouble of its viewers. */
  const streamIsUntouched = (pid: number | undefined): void => {
    expect(gateway.registry.get('main').pid).toBe(pid);
  };

  beforeAll(async () => {
    const viewer = await buildTestViewer();
    endings.push(() => viewer.remove());
    gateway = await startGateway(parseConfig({ text: CONFIG, fileName: 'test' }), {
      logger: createLogger({ level: 'error', format: 'json' }),
      viewerDirectory: viewer.directory,
    });
    endings.push(() => gateway.close());
    browser = await launchChromium();
    endings.push(() => browser.close());
    viewers = await Viewers.open(browser, `${gateway.url}/s/main`, 12);
    await viewers.play();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('all have their picture again each time it is killed', async () => {
    const { pid } = gateway.registry.get('main');
    for (let round = 0; round < 3; round++) {
      await kill();
      await viewers.play();
    }

    streamIsUntouched(pid);
  });

  it('keep their session when the stream process is killed after it', async () => {
    const stream = gateway.registry.get('main');
    const others: unknown[] = [];
    stream.on('ingress', (ingress) => others.push(ingress));
    // The new worker has been told how far the media was.
    for (let reports = 0; reports < 2; reports++) await new Promise((resolve) => stream.once('status', resolve));

    const { pid } = stream;
    sendSignal(pid, 'SIGKILL');
    await vi.waitFor(() => expect(stream.pid).not.toBe(pid), PATIENCE);
    await viewers.play();

    expect(others).toEqual([]);
    expect(stream.restarts).toBe(1);
  });

  // The next worker may not know yet how far the media was: then the next run begins another, and viewers go over.
  it.each([0, 150, 500, 1000])(
    'all have their picture again when the stream process is killed %i ms after the next worker began',
    async (momentMs) => {
      const stream = gateway.registry.get('main');
      const former = await kill();
      await worker(former);
      await delay(momentMs);

      const { pid } = stream;
      sendSignal(pid, 'SIGKILL');
      await vi.waitFor(() => expect([undefined, pid]).not.toContain(stream.pid), PATIENCE);
      await viewers.play();

      expect(stream.status.state).toBe('live');
    },
  );

  it('all have their picture again when it is killed twice in a row, and while they connect', async () => {
    const { pid } = gateway.registry.get('main');
    const first = await kill();
    const second = await kill(first);
    // The viewers are told when the third one is up, and connect just then.
    const third = await worker(second);
    await vi.waitFor(async () => {
      expect((await readiness()).status).toBe(200);
    }, PATIENCE);
    await kill(second);

    await viewers.play();

    expect(await worker(third)).not.toBe(second);
    streamIsUntouched(pid);
  });

  it('all have their picture again when it hangs, and readiness tells of it', async () => {
    const { pid } = gateway.registry.get('main');
    const hung = await worker();
    sendSignal(hung, 'SIGSTOP');

    const stalled = await vi.waitFor(async () => {
      const now = await readiness();
      expect(now.status).toBe(503);
      return now;
    }, PATIENCE);
    await worker(hung);
    await viewers.play();

    expect(stalled.reason).toMatch(/media server/);
    expect(await readiness()).toEqual({ status: 200, reason: undefined });
    expect(() => process.kill(hung, 0)).toThrow('ESRCH');
    streamIsUntouched(pid);
  });

  it('go on when it only pauses for a second', async () => {
    const paused = await worker();
    sendSignal(paused, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    sendSignal(paused, 'SIGCONT');

    await viewers.play();

    expect(await worker()).toBe(paused);
  });
});
