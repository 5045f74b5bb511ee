import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

/** A browser and a gateway with these streams for the tests of a file; a page with an error of its own fails its test. */
export function usePages(streams: string): {
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
  readonly gateway: () => Gateway;
} {
  let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
  let gateway: Gateway;
  let browser: Browser;
  let page: Page | undefined;
  const pageErrors: string[] = [];

  beforeAll(async () => {
    viewer = await buildTestViewer();
    gateway = await startTestGateway(viewer.directory, streams);
    browser = await launchChromium();
  });

  afterEach(async () => {
    await page?.context().close();
    page = undefined;
    expect(pageErrors.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await gateway.close();
    await viewer.remove();
  });

  return {
    gateway: () => gateway,
    open: async (path, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      page = await context.newPage();
      page.on('pageerror', (error) => pageErrors.push(String(error)));
      await page.goto(gateway.url + path);
      return page;
    },
  };
}

/** Until the picture plays and its tiles can be clicked. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator('.pill', { hasText: /^Live$/ }).waitFor();
  await page
    .getByRole('button', { name: /tile, person/ })
    .first()
    .waitFor();
}
