import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

const TIMEOUT_MS = 30_000;
const SIZE = { width: 800, height: 600 };

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let browser: Browser;
/** A site of another origin, which holds in a frame what its query names. */
let site: Server;
let page: Page;

beforeAll(async () => {
  viewer = await buildTestViewer();
  site = createServer((request, response) => {
    const framed = new URL(request.url ?? '/', 'http://site').searchParams.get('frame') ?? '';
    response
      .setHeader('content-type', 'text/html')
      .end(`<!doctype html><iframe src="${gateway.url}${framed}"></iframe>`);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const streams = '[{ id: hall, source: { url: "test:" } }]';
  gateway = await startTestGateway(viewer.directory, streams, 0, `frameAncestors: ['${siteOrigin()}']`);
  browser = await launchChromium();
});

afterEach(() => page.close());

afterAll(async () => {
  await browser.close();
  await gateway.close();
  site.close();
  await viewer.remove();
});

const siteOrigin = (): string => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

const untilPlaying = (where: Page | Frame): Promise<unknown> =>
  where.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0, undefined, {
    timeout: TIMEOUT_MS,
  });

async function open(url: string): Promise<void> {
  page = await browser.newPage({ viewport: SIZE });
  await page.goto(url);
}

describe('the clean view', () => {
  it('is the picture and nothing else, as large as the window', async () => {
    await open(`${gateway.url}/s/hall?view=clean`);
    await untilPlaying(page);

    const box = await page.locator('video').boundingBox();
    const text = await page.evaluate(() =>
      Array.from(document.querySelectorAll('body *'))
        .filter(
          (node) => node.childElementCount === 0 && !node.classList.contains('sr-only') && node.tagName !== 'NOSCRIPT',
        )
        .map((node) => node.textContent)
        .join(''),
    );

    expect(box).toEqual({ x: 0, y: 0, ...SIZE });
    expect(text).toBe('');
    expect(await page.locator('button, a, canvas').count()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).overflow)).toBe('hidden');
  });

  it.each([
    { query: '', isPlayed: false },
    { query: '&sound=on', isPlayed: true },
  ])('plays sound where it is asked for: $query', async ({ query, isPlayed }) => {
    page = await browser.newPage();
    await page.addInitScript(countAudioTracks);
    await page.goto(`${gateway.url}/s/hall?view=clean${query}`);
    await untilPlaying(page);
    if (isPlayed) await page.waitForFunction(() => Number(document.documentElement.dataset['audioTracks'] ?? 0) > 0);

    expect(Number(await page.evaluate(() => document.documentElement.dataset['audioTracks'] ?? 0))).toBe(
      isPlayed ? 1 : 0,
    );
  });

  it('plays in a frame of a page that http.frameAncestors names', async () => {
    await open(`${siteOrigin()}/?frame=${encodeURIComponent('/s/hall?view=clean')}`);

    const [, frame] = page.frames();
    if (!frame) throw new Error('the page has no frame');
    await untilPlaying(frame);

    expect(await frame.locator('video').count()).toBe(1);
  });

  it.each(['/s/hall', '/s/hall?view=other', '/', '/?view=clean'])('lets nobody frame %s', async (path) => {
    const response = await fetch(gateway.url + path);

    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('stays empty in a frame of another page', async () => {
    const refusals: string[] = [];
    page = await browser.newPage();
    page.on('console', (message) => refusals.push(message.text()));
    // The same site by another name is another origin.
    await page.goto(
      `${siteOrigin().replace('127.0.0.1', 'localhost')}/?frame=${encodeURIComponent('/s/hall?view=clean')}`,
    );

    await expect.poll(() => refusals.join('\n'), { timeout: TIMEOUT_MS }).toContain('frame-ancestors');
  });
});

function countAudioTracks(): void {
  const Original = RTCPeerConnection;
  let count = 0;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ track }) => {
        if (track.kind === 'audio') document.documentElement.dataset['audioTracks'] = String(++count);
      });
    }
  };
}
