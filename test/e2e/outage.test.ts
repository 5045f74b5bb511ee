import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { SMALL_STREAM, startRunningGateway, type RunningGateway } from '../faults/running-gateway.js';

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';

let gateway: RunningGateway;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  gateway = await startRunningGateway();
  await gateway.call('POST', '', {
    ...{ ...SMALL_STREAM, id: 'hall', source: { url: `rtsp://${NOWHERE}/camera` } },
    targets: [{ id: 'platform', url: `rtmp://${NOWHERE}/live/key` }],
  });
  await gateway.until(
    'hall',
    ({ error, targets }) => error?.code === 'DIPTYCH_E_SOURCE_REFUSED' && targets[0]?.state === 'retrying',
  );
  browser = await launchChromium();
});

afterEach(() => page.close());

afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

async function open(path: string): Promise<Page> {
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(gateway.url + path);
  return page;
}

it('is said at the top with the next try, and nothing on the page contradicts it', async () => {
  await open('/s/hall');
  const outage = page.locator('.outage');

  await outage.getByText('No picture from the camera yet.').waitFor();
  await outage.getByText(/refuses connections/).waitFor();
  await outage.getByText(/Trying again/).waitFor();
  for (const name of ['People', 'Shot']) {
    await page.getByRole('region', { name }).getByText('Not known without a picture').waitFor();
  }
  await page.getByText('Technical details').click();

  const text = (await page.locator('main').textContent()) ?? '';
  expect(text).not.toContain('≈');
  expect(text).not.toContain('Nobody in the picture');
  expect(text).toContain('In Diptych––');
});

it.each([
  ['/s/hall', '.outage p'],
  ['/s/hall', '.targets .problem span'],
  ['/s/hall', '.events li span'],
  ['/', '.card .problem span'],
])('can be selected and copied on %s, %s, while the next try is counted down', async (path, selector) => {
  await open(path);
  const reason = page.locator(selector, { hasText: /refuses connections|Nothing listens/ }).first();
  await reason.waitFor();
  // Its words alone: a count of how often it happened, which rises, stands behind them.
  await reason.evaluate((element) => {
    const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
    if (words) getSelection()?.setBaseAndExtent(words, 0, words, words.textContent?.length ?? 0);
  });
  const selected = await page.evaluate(() => String(getSelection()));
  await page.waitForTimeout(4_000);

  expect(selected).toMatch(/refuses connections|Nothing listens/);
  expect(await page.evaluate(() => String(getSelection()))).toBe(selected);
});

it('of a target is told with its next try, which can be now', async () => {
  await gateway.until('hall', ({ targets }) => (targets[0]?.retries ?? 0) > 3);
  await open('/s/hall');
  const target = page.locator('.targets li', { hasText: 'platform' });
  await target
    .getByText(/Trying again/)
    .first()
    .waitFor();

  await target.getByRole('button', { name: 'Try now' }).click();

  await gateway.until('hall', ({ targets }) => (targets[0]?.retries ?? 99) <= 2);
  await expect.poll(() => target.locator('.problem').count()).toBeLessThanOrEqual(1);
});
