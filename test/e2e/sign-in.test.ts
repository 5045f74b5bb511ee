import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

const TOKEN = 'correct-horse-battery';
const WATCHER = 'only-for-watching';
const OPERATOR = 'for-the-tiles-as-well';
const DOORKEEPER = 'for-the-door-alone';
const PATIENCE_MS = 60_000;

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  viewer = await buildTestViewer();
  const access = `
access:
  token: ${TOKEN}
  tokens:
    - { name: wall, role: view, token: ${WATCHER} }
    - { name: desk, role: operate, token: ${OPERATOR} }
    - { name: door, role: view, streams: [door], token: ${DOORKEEPER} }`;
  const streams = '[{ id: hall, source: { url: "test:" } }, { id: door, source: { url: "whip:" } }]';
  gateway = await startTestGateway(viewer.directory, streams, 0, '', access);
  browser = await launchChromium();
});

afterEach(() => page.context().close());

afterAll(async () => {
  await browser.close();
  await gateway.close();
  await viewer.remove();
});

async function open(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<void> {
  page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(gateway.url + path);
}

const signInHeading = (): ReturnType<Page['getByRole']> => page.getByRole('heading', { name: 'Sign in', level: 2 });
const button = (name: string): ReturnType<Page['getByRole']> => page.getByRole('button', { name, exact: true });

it('asks for the token, refuses a wrong one in words, shows the page for the right one, and signs out', async () => {
  await open('/s/hall');
  await page.getByLabel('Token').fill('wrong-wrong-wrong');
  await button('Sign in').click();
  await page.getByText('This token is not known').waitFor();
  await page.getByLabel('Token').fill(TOKEN);
  await button('Sign in').click();
  await page.getByText('Live', { exact: true }).first().waitFor();
  const cookies = await page.context().cookies();
  await button('Sign out').click();
  await signInHeading().waitFor();

  expect(cookies).toEqual([expect.objectContaining({ httpOnly: true, sameSite: 'Strict', path: '/' })]);
  expect(await page.context().cookies()).toEqual([]);
});

it('signs in with the token behind # and takes it out of the address', async () => {
  await open(`/s/hall#token=${TOKEN}`);
  await button('Sign out').waitFor();

  expect(page.url()).toBe(`${gateway.url}/s/hall`);
});

it('offers to those who watch no controls that change anything, and says why', async () => {
  await open(`/s/hall#token=${WATCHER}`);
  await page.getByText('Live', { exact: true }).first().waitFor();
  const names = ['Settings of the stream', 'Add a target', 'Record', 'Swap'];
  const offered = await Promise.all(names.map((name) => button(name).isVisible()));

  expect(offered).toEqual([false, false, false, false]);
  expect(await page.getByText('arranging tiles needs a token with role operate').isVisible()).toBe(true);
});

/** Of `POST /api/v1/guest-links`, asked for by the page that is open. */
const guestLink = (validS = 60): Promise<Record<'page' | 'cleanView', string>> =>
  page.evaluate(async (forS) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify({ stream: 'hall', validS: forS }) };
    return (await (await fetch('/api/v1/guest-links', init)).json()) as Record<'page' | 'cleanView', string>;
  }, validS);

it('tells a guest whose link has ended to ask for a new one, while the page is open and when it is opened', async () => {
  await open(`/s/hall#token=${TOKEN}`);
  await button('Sign out').waitFor();
  // Good for a moment, as long as a browser needs.
  const link = await guestLink(20);
  await page.context().close();
  await open(link.page);
  await page.getByText('Live', { exact: true }).first().waitFor();

  await page.getByText('Your link has expired or was withdrawn. Ask for a new one.').waitFor();
  await page.context().close();
  await open(link.page);
  await page.getByText('This link has expired, was withdrawn, or is not complete. Ask for a new one.').waitFor();
});

it('says that somebody was signed out, once', async () => {
  await open(`/s/hall#token=${TOKEN}`);
  await page.getByText('Live', { exact: true }).first().waitFor();
  // As from another window of this browser.
  await page.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
  await page.getByText('You were signed out.').waitFor();
  await page.reload();
  await signInHeading().waitFor();

  expect(await page.getByText('You were signed out.').count()).toBe(0);
});

it('lets a guest watch by a link, and in the clean view', async () => {
  await open(`/s/hall#token=${TOKEN}`);
  await button('Sign out').waitFor();
  const link = await guestLink();
  await page.context().close();
  await open(link.page);
  await page.getByText('Live', { exact: true }).first().waitFor();
  const address = page.url();
  await page.context().close();
  await open(link.cleanView);
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0);

  expect(address).toBe(`${gateway.url}/s/hall`);
});

it('copies a link for a guest for those who operate, which opens the page elsewhere', async () => {
  await open(`/s/hall#token=${OPERATOR}`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await button('Copy the link').click();
  await page.getByText('Link for a guest copied: it is good for a day').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.context().close();
  await open(link.slice(gateway.url.length));
  await page.getByText('Live', { exact: true }).first().waitFor();

  expect(link).toMatch(/^http:.*\/s\/hall#token=dpp_/);
  expect(link).not.toContain(OPERATOR);
});

it('copies the address alone for those who watch, and gives no token away', async () => {
  await open(`/s/hall#token=${WATCHER}`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await button('Copy the link').click();
  await page.getByText('Link copied', { exact: true }).waitFor();

  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${gateway.url}/s/hall`);
});

it('says on the page that sends a camera that the token may not, and what to do', async () => {
  await open(`/publish/door#token=${WATCHER}`);
  await page.getByText('It is for watching only. Sending a camera needs a token with role operate').waitFor();
  const offersCamera = await button('Use this camera').isVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  const way = await page.getByRole('link', { name: 'Watch door' }).getAttribute('href');
  await button('Sign in with another token').click();
  await signInHeading().waitFor();
  await page.getByLabel('Token').fill(OPERATOR);
  await button('Sign in').click();
  await button('Use this camera').waitFor();

  expect(offersCamera).toBe(false);
  expect(way).toBe('/s/door');
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
});

it('says on the page of a stream that the token is for others', async () => {
  await open(`/s/hall#token=${DOORKEEPER}`);
  await page.getByText('It is for other streams only: door.').waitFor();
  await page.getByRole('link', { name: 'All streams' }).last().click();
  await page.getByRole('link', { name: 'door', exact: true }).waitFor();

  expect(await page.getByRole('link', { name: 'hall', exact: true }).count()).toBe(0);
});

it.each([
  ['light', 1440, 900],
  ['dark', 390, 844],
] as const)(
  'has a page to sign in that axe finds nothing wrong with: %s, %i wide',
  async (colorScheme, width, height) => {
    await open('/', { colorScheme, viewport: { width, height } });
    await signInHeading().waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();

    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
  },
);
