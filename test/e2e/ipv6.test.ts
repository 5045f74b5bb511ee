import { networkInterfaces } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundlePage } from '#src/bench/latency.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from '../faults/running-gateway.js';

const PATIENCE = { timeout: 60_000, interval: 200 };
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

/** Pages, API and media over IPv6 alone. */
describe.skipIf(!hasIpv6)('a gateway on ::1', () => {
  let gateway: RunningGateway;
  let browser: Browser;

  beforeAll(async () => {
    gateway = await startRunningGateway({ http: { host: '::1' }, streams: [{ id: 'main', ...SMALL_STREAM }] });
    browser = await launchChromium();
    await gateway.until('main', ({ state }) => state === 'live');
  });

  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  it('is named by its address, and shows the page with a picture that moves', async () => {
    const page = await browser.newPage();
    await page.goto(`${gateway.url}/s/main`);

    expect(gateway.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    const playedS = (): Promise<number> => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
    await vi.waitFor(async () => expect(await playedS()).toBeGreaterThan(1), PATIENCE);
    await page.close();
  });

  it('announces that address to a WHEP player, which plays', async () => {
    const page = await browser.newPage();
    await page.goto(`${gateway.url}/healthz`);
    await page.evaluate(await bundlePage('whep-player.ts'));
    const answers: string[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/whep/')) void response.text().then((text) => answers.push(text));
    });

    const tookMs = await page.evaluate<number>("window.diptychPlay('/whep/main')");

    expect(tookMs).toBeGreaterThan(0);
    const addresses = [...(answers[0] ?? '').matchAll(/a=candidate:\S+ 1 \S+ \d+ (\S+) \d+ typ host/g)].map(
      ([, address]) => address,
    );
    expect(new Set(addresses)).toEqual(new Set(['::1']));
    await page.close();
  });
});
