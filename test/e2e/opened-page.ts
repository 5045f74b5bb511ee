import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

/** What else the browser and the gateway of a file have. */
export interface PageOptions {
  /** More of the block `http`, as YAML. @defaultValue nothing */
  readonly http?: string;
  /** Makes the file with the pictures of the browser's camera. @defaultValue it has none */
  readonly camera?: () => Promise<string>;
}

/**
 * A browser and a gateway with these streams for the tests of a file; a page with an error of its own fails its test.
 * Paths to open are those of the gateway; whole addresses are opened as they are.
 */
export function usePages(
  streams: string,
  { http = '', camera }: PageOptions = {},
): {
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
    gateway = await startTestGateway(viewer.directory, streams, 0, http, 'access: { files: [/etc] }');
    browser = await launchChromium(camera && { camera: await camera() });
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
      await page.goto(path.startsWith('/') ? gateway.url + path : path);
      return page;
    },
  };
}

/** Until the picture plays. */
export const untilPlaying = (page: Page): Promise<void> => page.locator('.pill', { hasText: /^Live$/ }).waitFor();

/** Until the picture plays and its tiles can be clicked. */
export async function untilLive(page: Page): Promise<void> {
  await untilPlaying(page);
  await page
    .getByRole('button', { name: /tile, person/ })
    .first()
    .waitFor();
}
