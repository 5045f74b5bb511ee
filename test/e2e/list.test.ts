import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const NAMES = ['hall', 'stage', 'door', 'choir', 'organ', 'balcony'];
const { open, gateway } = usePages(
  `[${NAMES.map((id) => `{ id: ${id}, source: { url: "${id === 'stage' ? 'rtsp://broken/' : 'test:'}" } }`).join()}]`,
);

const card = (page: Page, name: string): ReturnType<Page['locator']> => page.getByRole('article', { name });

describe('the list', () => {
  it('has thumbnails that move', async () => {
    const page = await open('/');
    const image = card(page, 'hall').locator('img');
    await image.waitFor();
    const first = await image.getAttribute('src');

    await expect.poll(() => image.getAttribute('src'), { timeout: 30_000 }).not.toBe(first);
    expect(await image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
  });

  it('tells people, viewers, and why a stream is not live', async () => {
    const page = await open('/');

    await card(page, 'hall').getByText('2 people · 0 viewers').waitFor();
    await card(page, 'stage')
      .getByText(/It is broken\./)
      .waitFor();
  });

  it('adds a camera whose address is pasted with user and password, and then has a search', async () => {
    const page = await open('/');
    await page.getByRole('button', { name: 'Add a camera' }).click();
    const dialog = page.getByRole('dialog');

    await dialog.getByLabel('Address').fill('ftp://nowhere');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.locator('.problem').waitFor();
    await dialog.getByLabel('Address').fill('rtsp://anna:s3cr%40t@porch.local/stream');
    const fields = [
      await dialog.getByLabel('Address').inputValue(),
      await dialog.getByLabel('User').inputValue(),
      await dialog.getByLabel('Password').inputValue(),
    ];
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**/s/porch');
    await untilLive(page);

    expect(fields).toEqual(['rtsp://porch.local/stream', 'anna', 's3cr@t']);
    expect(gateway().registry.get('porch').config.source).toMatchObject({
      url: 'rtsp://porch.local/stream',
      user: 'anna',
      password: 's3cr@t',
    });
    await page.getByRole('link', { name: 'Diptych' }).click();
    await page.getByLabel('Search').fill('OR');
    await expect.poll(() => page.getByRole('article').count()).toBe(3);
    await page.getByLabel('Search').fill('nothing');
    await page.getByText('No stream has “nothing”').waitFor();
  });
});

it('takes the name that is given, and says where it cannot', async () => {
  const page = await open('/');
  await page.getByRole('button', { name: 'Add a camera' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill('test:');

  await dialog.getByLabel('Name', { exact: true }).fill('hall');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('There is a stream "hall" already').waitFor();
  await dialog.getByLabel('Name', { exact: true }).fill('side-door');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL('**/s/side-door');

  expect(gateway().registry.get('side-door').config.source.url).toBe('test:');
});

it('tries a camera before it is saved: what it sends and a picture, or why not', async () => {
  const page = await open('/');
  const before = gateway().registry.list().length;
  await page.getByRole('button', { name: 'Add a camera' }).click();
  const dialog = page.getByRole('dialog');

  await dialog.getByLabel('Address').fill('rtsp://127.0.0.1:1/camera');
  await dialog.getByRole('button', { name: 'Try it' }).click();
  await dialog.getByText(/refuses connections/).waitFor();
  await dialog.getByLabel('Address').fill('test:');
  await dialog.getByText(/refuses connections/).waitFor({ state: 'detached' });
  await dialog.getByLabel('Address').fill('192.168.1.20');
  await dialog.getByRole('button', { name: 'Try it' }).click();
  await dialog.getByText('write rtsp:// before it').waitFor();
  await dialog.getByLabel('Address').fill('test:');
  await dialog.getByRole('button', { name: 'Try it' }).click();
  const picture = dialog.getByAltText('Picture of the camera');
  await picture.waitFor({ timeout: 120_000 });
  const facts = await dialog.locator('figcaption').textContent();
  const width = await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth));
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });

  expect(facts).toMatch(/raw · \d+ × \d+ · \d+ fps · sound raw/);
  expect(width).toBeGreaterThan(0);
  expect(gateway().registry.list()).toHaveLength(before);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Add a camera');
});

describe.each(['/s/nosuch', '/publish/nosuch', '/foo'])('%s', (path) => {
  it('is a page with a way back', async () => {
    const page = await open(path);

    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    await page.getByRole('link', { name: 'All streams', exact: true }).click();

    await page.waitForURL(`${gateway().url}/`);
    await card(page, 'hall').waitFor();
  });
});
