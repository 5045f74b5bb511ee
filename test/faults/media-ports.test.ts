import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import type { StreamIngress } from '#src/gateway/streams/managed-stream-events.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';
import { StraySender } from './stray-sender.js';
import { nextMediaWorker, Viewers } from './viewers.js';
import { sendSignal } from '../send-signal.js';

const CONFIG = `
http: { port: 0 }
webrtc: { minPort: 44600, maxPort: 44800 }
streams: [{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15, bitrateKbps: 300 } }]
`;
/** Without strays the longest gap is a frame or two; with a strange sender it was many seconds. */
const GAP_LIMIT_MS = 3_000;

/** Packets that could be the stream's, from a port that is not. */
describe('stray packets at the media ports', () => {
  let browser: Browser;
  let gateway: Gateway;
  let viewers: Viewers;
  let stray: StraySender;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  const main = () => gateway.registry.get('main');
  const strayTo = ({ video, audio }: StreamIngress): void => stray.sendTo([video, audio]);

  beforeAll(async () => {
    const viewer = await buildTestViewer();
    endings.push(() => viewer.remove());
    gateway = await startGateway(parseConfig({ text: CONFIG, fileName: 'test' }), {
      logger: createLogger({ level: 'error', format: 'json' }),
      viewerDirectory: viewer.directory,
    });
    endings.push(() => gateway.close());
    stray = await StraySender.open();
    endings.push(() => Promise.resolve(stray.close()));
    browser = await launchChromium();
    endings.push(() => browser.close());
    viewers = await Viewers.open(browser, `${gateway.url}/s/main`, 2);
    await viewers.play();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('are not taken for the media while a stream starts', async () => {
    main().once('ingress', strayTo);
    main().renewIngress();

    await viewers.play();

    expect(stray.sent).toBeGreaterThan(50);
    expect(main().restarts).toBe(1);
  });

  it('change nothing while it runs', async () => {
    const before = stray.sent;

    const gapMs = await viewers.longestGapMs(4_000);

    expect(gapMs).toBeLessThan(GAP_LIMIT_MS);
    expect(stray.sent).toBeGreaterThan(before);
    expect(main().restarts).toBe(1);
  });

  it('are not taken for the media by the next media worker', async () => {
    const { pid } = main();
    sendSignal(await nextMediaWorker(process.pid), 'SIGKILL');

    await viewers.play();

    expect(main()).toMatchObject({ pid, restarts: 1 });
  });
});
