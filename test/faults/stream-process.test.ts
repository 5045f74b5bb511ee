import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';
import { PATIENCE, Viewers } from './viewers.js';
import { sendSignal } from '../send-signal.js';

const output = '{ width: 320, height: 180, fps: 15, bitrateKbps: 300 }';
const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 44300, maxPort: 44600 }
streams:
  - { id: main, source: { url: "test:" }, output: ${output} }
  - { id: beside, source: { url: "test:" }, output: ${output} }
`;

/** A real stream process with a viewer, killed, stopped and paused. */
describe('the process of a stream', () => {
  let browser: Browser;
  let gateway: Gateway;
  let viewers: Viewers;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  const main = () => gateway.registry.get('main');
  const readiness = async (): Promise<{ status: number; body: { reason?: string } }> => {
    const response = await fetch(`${gateway.url}/readyz`);
    return { status: response.status, body: (await response.json()) as { reason?: string } };
  };
  const untilState = (state: string): Promise<void> =>
    vi.waitFor(() => {
      expect(main().status.state).toBe(state);
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

  it('is started again at once when it is killed, and its viewer sees one stream', async () => {
    const { pid = 0, restarts } = main();
    const { ingress } = main();
    sendSignal(pid, 'SIGKILL');
    await vi.waitFor(() => {
      expect(main().restarts).toBe(restarts + 1);
    }, PATIENCE);
    await untilState('live');
    await viewers.play();

    expect(main().pid).not.toBe(pid);
    // What viewers consume is still there, so that they need not ask for anything.
    expect(ingress).toBeDefined();
    expect(main().ingress).toBe(ingress);
  });

  it('is shown as stalled when it hangs, makes the gateway unready, and is replaced', async () => {
    const { pid = 0 } = main();
    const beside = gateway.registry.get('beside');
    const { restarts } = beside;
    sendSignal(pid, 'SIGSTOP');

    await untilState('stalled');
    const { status: stalled } = main();
    const unready = await readiness();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), PATIENCE);
    await untilState('live');
    await viewers.play();

    expect(stalled.error).toMatchObject({
      code: 'DIPTYCH_E_PROCESS',
      message: expect.stringMatching(/does not answer/) as string,
    });
    expect(unready).toMatchObject({ status: 503, body: { reason: expect.stringContaining('"main"') as string } });
    expect(await readiness()).toMatchObject({ status: 200 });
    expect(beside.restarts).toBe(restarts);
  });

  it('goes on when it only paused, and is live again', async () => {
    const { pid = 0, restarts } = main();
    sendSignal(pid, 'SIGSTOP');
    await untilState('stalled');
    sendSignal(pid, 'SIGCONT');

    await untilState('live');
    await viewers.play();

    expect(main()).toMatchObject({ pid, restarts });
  });
});
