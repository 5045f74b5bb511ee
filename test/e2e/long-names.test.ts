import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

/** As long as names of streams may be, and those of people. */
const STREAM = 'camera-at-the-north-east-entrance-of-the-community-hall-level-2';
const PERSON = 'Maximiliana-Theodora of Hohenschwarzberg';

const { open, gateway } = usePages(`[{ id: ${STREAM}, source: { url: "test:" } }]`);

/** Texts of which a part is cut off, and by how much the page is too wide. */
const cutOff = (page: Page): Promise<readonly unknown[]> =>
  page.evaluate(() => {
    // What is only for screen readers is clipped.
    const isCut = (one: Element): boolean =>
      one.scrollWidth > one.clientWidth && getComputedStyle(one).clipPath === 'none';
    const texts = [...document.querySelectorAll('h1, h2, .name, .detail, .events li')].filter(isCut);
    return [document.documentElement.scrollWidth - innerWidth, ...texts.map((one) => one.textContent)];
  });

it.each([390, 1024])('long names are there in full, %i wide', async (width) => {
  const named = { action: 'name', trackId: 2, name: PERSON };
  const options = { viewport: { width, height: 844 } };
  const page = await open(`/s/${STREAM}`, options);
  await untilLive(page);
  const response = await page.request.post(`${gateway().url}/api/v1/streams/${STREAM}/slots`, { data: named });
  expect(response.status()).toBe(204);
  await page.getByRole('button', { name: `${PERSON} Right tile` }).waitFor();

  const onStream = await cutOff(page);
  const lines = await page.locator('h1').evaluate((one) => {
    return one.getBoundingClientRect().height / Number.parseFloat(getComputedStyle(one).fontSize);
  });
  await page.getByRole('button', { name: `${PERSON} Right tile` }).click();
  await page.getByRole('heading', { name: `Right tile: ${PERSON}` }).waitFor();
  const inDialog = await cutOff(page);
  await page.goto(gateway().url);
  await page.locator('.card h2').waitFor();
  const onList = await cutOff(page);

  expect([onStream, inDialog, onList]).toEqual([[0], [0], [0]]);
  // Two lines at most.
  expect(lines).toBeLessThan(3);
});
