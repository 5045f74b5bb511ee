import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

const STREAMS = `[
  { id: hall, source: { url: "test:" }, targets: [{ id: platform, url: "rtmp://localhost/live/key" }] },
  { id: stage, source: { url: "rtsp://broken/" } },
  { id: phone, source: { url: "whip:" } },
]`;

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let empty: Gateway;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  viewer = await buildTestViewer();
  gateway = await startTestGateway(viewer.directory, STREAMS);
  empty = await startTestGateway(viewer.directory, '[]');
  browser = await launchChromium();
});

afterEach(() => page.close());

afterAll(async () => {
  await browser.close();
  await gateway.close();
  await empty.close();
  await viewer.remove();
});

const untilLive = async (): Promise<void> => {
  await page.locator('.pill', { hasText: /^Live$/ }).waitFor();
  await page
    .getByRole('button', { name: /tile, person/ })
    .first()
    .waitFor();
};
const press = (name: string | RegExp) => async (): Promise<void> => {
  await untilLive();
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

interface PageState {
  readonly name: string;
  readonly path: string;
  readonly isEmpty?: boolean;
  /** Brings the page to the state that is meant. */
  readonly reach: () => Promise<unknown>;
}

const STATES: readonly PageState[] = [
  { name: 'the list', path: '/', reach: () => page.locator('.card img').first().waitFor() },
  { name: 'the empty list', path: '/', isEmpty: true, reach: () => page.getByText('No streams yet').waitFor() },
  {
    name: 'adding a camera',
    path: '/',
    isEmpty: true,
    reach: () => page.getByRole('button', { name: 'Add a camera' }).click(),
  },
  { name: 'a stream', path: '/s/hall', reach: untilLive },
  { name: 'a tile that was clicked', path: '/s/hall', reach: press(/^Left tile/) },
  { name: 'adding a target', path: '/s/hall', reach: press('Add a target') },
  { name: 'the settings', path: '/s/hall', reach: press('Settings of the stream') },
  { name: 'the shortcuts', path: '/s/hall', reach: press('Keyboard shortcuts') },
  {
    name: 'technical details',
    path: '/s/hall',
    reach: () => page.getByText('Technical details').click(),
  },
  { name: 'an outage', path: '/s/stage', reach: () => page.locator('.outage').waitFor() },
  { name: 'no such stream', path: '/s/nosuch', reach: () => page.getByText('All streams').waitFor() },
  { name: 'no such page', path: '/foo', reach: () => page.getByText('All streams').waitFor() },
  { name: 'sending a camera', path: '/publish/phone', reach: () => page.getByText('Not sending').waitFor() },
  { name: 'the picture alone', path: '/s/hall?view=clean', reach: () => page.locator('video').waitFor() },
];

describe.each(['light', 'dark'] as const)('axe finds nothing, %s', (colorScheme) => {
  it.each(STATES)('$name', async ({ path, isEmpty, reach }) => {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    page = await context.newPage();
    await page.goto((isEmpty === true ? empty.url : gateway.url) + path);
    await reach();

    const { violations } = await new AxeBuilder({ page }).analyze();

    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    await context.close();
  });
});
