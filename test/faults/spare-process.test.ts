import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';
import { PATIENCE, Viewers } from './viewers.js';
import { sendSignal } from '../send-signal.js';

const run = promisify(execFile);

const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 44800, maxPort: 44999 }
streams: [{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15, bitrateKbps: 300 } }]
`;

/** Stream processes of this process, as the system sees them. */
async function streamProcesses(): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=,stat=,args=', '--ppid', String(process.pid)]);
  const lines = stdout.split('\n').filter((line) => line.includes('stream/main.js') && !/^\s*\d+\s+Z/.test(line));
  return lines.map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** A real stream process, and the one that waits for its death. */
describe('the spare process', () => {
  let browser: Browser;
  let gateway: Gateway;
  let viewers: Viewers;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  const main = () => gateway.registry.get('main');
  const metric = async (pattern: RegExp): Promise<number> =>
    Number(pattern.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]);
  /** Resolves with its pid once a stream would start in it at once. */
  const untilReady = async (former?: number): Promise<number> =>
    vi.waitFor(async () => {
      expect(await metric(/^diptych_spare_process_ready (\d)/m)).toBe(1);
      const [pid = 0, ...others] = (await streamProcesses()).filter((each) => each !== main().pid);
      expect(others).toEqual([]);
      expect(pid).toBeGreaterThan(0);
      expect(pid).not.toBe(former);
      return pid;
    }, PATIENCE);
  const untilLive = (): Promise<void> =>
    vi.waitFor(() => {
      expect(main().status.state).toBe('live');
    }, PATIENCE);

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
    viewers = await Viewers.open(browser, `${gateway.url}/s/main`, 1);
    await viewers.play();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('takes the stream of a process that is killed, and is followed by another', async () => {
    const spare = await untilReady();
    sendSignal(main().pid, 'SIGKILL');
    await vi.waitFor(() => {
      expect(main().pid).toBe(spare);
    }, PATIENCE);
    await viewers.play();
    await untilLive();

    const next = await untilReady(spare);

    expect(next).not.toBe(spare);
    expect(await metric(/^diptych_process_resident_memory_bytes\{process="spare",stream=""\} (\S+)/m)).toBeGreaterThan(
      50e6,
    );
  });

  // What becomes of one that is killed is in process-starting.test.ts.
  it('is replaced when it hangs, and the stream never notices', async () => {
    const { pid, restarts } = main();
    const spare = await untilReady();
    sendSignal(spare, 'SIGSTOP');

    await untilReady(spare);

    expect(() => process.kill(spare, 0)).toThrow('ESRCH');
    expect(main()).toMatchObject({ pid, restarts });
  });

  it('is not taken while it hangs', async () => {
    const { pid = 0 } = main();
    const spare = await untilReady();
    sendSignal(spare, 'SIGSTOP');
    await vi.waitFor(async () => {
      expect(await metric(/^diptych_spare_process_ready (\d)/m)).toBe(0);
    }, PATIENCE);
    sendSignal(pid, 'SIGKILL');

    await vi.waitFor(() => {
      expect([undefined, pid, spare]).not.toContain(main().pid);
    }, PATIENCE);
    await viewers.play();
    await untilReady(spare);
  });

  it('ends with the last stream, and with the gateway', async () => {
    await untilReady();
    await gateway.registry.remove('main');

    await vi.waitFor(async () => {
      expect(await streamProcesses()).toEqual([]);
    }, PATIENCE);
  });
});
