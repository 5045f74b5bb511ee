import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from '../integration/gateway/fixture/test-gateway.js';

const TOKEN = 'correct-horse-battery';
const WATCHER = 'only-for-watching';
const PATIENCE_MS = 60_000;

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let gateway: Gateway;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  viewer = await buildTestViewer();
  const access = `access: { token: ${TOKEN}, tokens: [{ name: wall, role: view, token: ${WATCHER} }] }`;
  gateway = await startTestGateway(viewer.directory, '[{ id: hall, source: { url: "test:" } }]', 0, '', access);
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
  expect(await page.getByText('this needs a token with role operate').isVisible()).toBe(true);
});

it('lets a guest watch by a link, and in the clean view', async () => {
  await open(`/s/hall#token=${TOKEN}`);
  await button('Sign out').waitFor();
  const link = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify({ stream: 'hall' }) };
    return (await (await fetch('/api/v1/guest-links', init)).json()) as Record<'page' | 'cleanView', string>;
  });
  await page.context().close();
  await open(link.page);
  await page.getByText('Live', { exact: true }).first().waitFor();
  const address = page.url();
  await page.context().close();
  await open(link.cleanView);
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0);

  expect(address).toBe(`${gateway.url}/s/hall`);
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
