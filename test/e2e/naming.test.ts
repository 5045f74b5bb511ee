import { it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open } = usePages('[{ id: hall, source: { url: "test:" } }]');

it('says who somebody is; a person can be chosen in the list', async () => {
  const page = await open('/s/hall');
  await untilLive(page);

  await page.getByRole('button', { name: 'Person 2 Right tile' }).click();
  await page.getByRole('dialog').getByLabel('This is').fill(' Ben ');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Ben Right tile' }).waitFor();
  await page.getByRole('button', { name: 'Right tile, Ben: change' }).click();
  await page.getByRole('heading', { name: 'Right tile: Ben' }).waitFor();
  await page.getByRole('dialog').getByLabel('This is').fill('');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();

  await page.getByRole('button', { name: 'Person 2 Right tile' }).waitFor();
});
