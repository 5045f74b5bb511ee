import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LossyRelay } from '#src/bench/lossy-relay.adapter.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';
import { TcpRelay } from './network.js';
import { nextMediaWorker, Viewers } from './viewers.js';
import { sendSignal } from '../send-signal.js';

const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 45000, maxPort: 45060, announcedAddress: ${LossyRelay.ADDRESS} }
spareProcess: false
streams: [{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15, bitrateKbps: 300 } }]
`;

/** Real pages whose way to the gateway is cut, blocked, or not used for a while. */
describe('the way to a viewer', () => {
  let browser: Browser;
  let gateway: Gateway;
  let web: TcpRelay;
  let media: LossyRelay;
  let viewers: Viewers;
  let url: string;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const viewer = await buildTestViewer();
    endings.push(() => viewer.remove());
    gateway = await startGateway(parseConfig({ text: CONFIG, fileName: 'test' }), {
      logger: createLogger({ level: 'error', format: 'json' }),
      viewerDirectory: viewer.directory,
    });
    endings.push(() => gateway.close());
    media = await LossyRelay.open(gateway.mediaPort ?? 0);
    endings.push(() => Promise.resolve(media.close()));
    web = await TcpRelay.open(Number(new URL(gateway.url).port));
    endings.push(() => Promise.resolve(web.close()));
    url = `http://127.0.0.1:${web.port}/s/main`;
    browser = await launchChromium();
    endings.push(() => browser.close());
    viewers = await Viewers.open(browser, url, 2);
    await viewers.play();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
    expect(gateway.registry.get('main').restarts).toBe(0);
  });

  it('is found again after a proxy has cut the WebSocket', async () => {
    expect(web.cut()).toBeGreaterThan(0);

    await viewers.play();
  });

  it('is found again after ten seconds without UDP', async () => {
    media.isBlocked = true;
    await delay(10_000);
    media.isBlocked = false;

    await viewers.play();

    expect(media.blocked).toBeGreaterThan(0);
  });

  it('is found again by a page that was suspended while the media worker died', async () => {
    const [page] = viewers.pages;
    if (!page) throw new Error('there is no page');
    const devTools = await page.context().newCDPSession(page);
    await devTools.send('Page.setWebLifecycleState', { state: 'frozen' });
    const worker = await nextMediaWorker(process.pid);
    sendSignal(worker, 'SIGKILL');
    await nextMediaWorker(process.pid, worker);
    await delay(4_000);
    await devTools.send('Page.setWebLifecycleState', { state: 'active' });

    await viewers.play();
  });

  it('is found by those who come while the media worker dies, and others leave', async () => {
    const leaving = await Viewers.open(browser, url, 2);
    const worker = await nextMediaWorker(process.pid);
    sendSignal(worker, 'SIGKILL');
    const [coming] = await Promise.all([Viewers.open(browser, url, 3), leaving.close()]);

    await Promise.all([viewers.play(), coming.play()]);

    await coming.close();
  });
});
