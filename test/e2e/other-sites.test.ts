import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let browser: Browser;
/** A page of another site, open in the operator's browser. */
let site: Server;
let page: Page;

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, '[{ id: hall, source: { url: "test:" } }]');
  site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>a shop</title>');
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  browser = await launchChromium({ hostRules: 'MAP shop.example 127.0.0.1' });
  page = await browser.newPage();
});

afterAll(async () => {
  await browser.close();
  await gateway.close();
  site.close();
  await viewer.remove();
});

const portOf = (url: string): string => new URL(url).port;

describe('a page of another site', () => {
  it('cannot change anything, whatever kind of request it makes', async () => {
    await page.goto(`http://shop.example:${(site.address() as AddressInfo).port}/`);
    await page.evaluate(async (api) => {
      const body = JSON.stringify({ id: 'theirs', source: { url: 'test:' } });
      const kinds: RequestInit[] = [
        { method: 'POST', mode: 'no-cors', body, headers: { 'content-type': 'text/plain' } },
        { method: 'POST', mode: 'no-cors', body: new Blob([body]) },
        { method: 'POST', body, headers: { 'content-type': 'application/json' } },
        { method: 'DELETE' },
      ];
      for (const kind of kinds) {
        const url = kind.method === 'DELETE' ? `${api}/hall` : api;
        await fetch(url, kind).catch(() => undefined);
      }
    }, `${gateway.url}/api/v1/streams`);

    expect(gateway.registry.list().map(({ id }) => id)).toEqual(['hall']);
  });

  it('cannot open the WebSocket', async () => {
    await page.goto(`http://shop.example:${(site.address() as AddressInfo).port}/`);
    const outcome = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('refused');
        }),
      `${gateway.url.replace('http', 'ws')}/ws`,
    );

    expect(outcome).toBe('refused');
  });

  it('cannot show pictures of the cameras', async () => {
    await page.goto(`http://shop.example:${(site.address() as AddressInfo).port}/`);
    const outcome = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const image = new Image();
          image.onload = () => resolve('shown');
          image.onerror = () => resolve('refused');
          image.src = url;
        }),
      `${gateway.url}/api/v1/streams/hall/snapshot.jpg`,
    );

    expect(outcome).toBe('refused');
  });
});

describe('a page whose name resolves to the gateway', () => {
  it('is not served, and can neither read nor change anything', async () => {
    const rebound = `http://shop.example:${portOf(gateway.url)}`;
    const response = await page.goto(`${rebound}/`);
    const answers = await page.evaluate(async () => {
      const read = await fetch('/api/v1/streams');
      const body = JSON.stringify({ id: 'theirs', source: { url: 'test:' } });
      const headers = { 'content-type': 'application/json' };
      const written = await fetch('/api/v1/streams', { method: 'POST', body, headers });
      return [read.status, written.status];
    });

    expect(response?.status()).toBe(403);
    expect(await response?.text()).toContain('http.allowedHosts');
    expect(answers).toEqual([403, 403]);
    expect(gateway.registry.list().map(({ id }) => id)).toEqual(['hall']);
  });
});
