import { expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages('[{ id: hall, source: { url: "test:" } }]');

it('leaves a person out by their menu, and takes them in again', async () => {
  const page = await open('/s/hall');
  await untilLive(page);
  const leaveOut = (): unknown => gateway().registry.get('hall').config.people.leaveOut;

  await page.getByRole('button', { name: 'Person 2 Right tile' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave out: no tile' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Person 2 Left out' }).waitFor();
  const after = leaveOut();
  await page.getByRole('button', { name: 'Person 2 Left out' }).click();
  const pins = await page
    .getByRole('dialog')
    .getByRole('button', { name: /^In th/ })
    .count();
  await page.getByRole('dialog').getByRole('button', { name: 'Take in again' }).click();
  await page.getByRole('button', { name: 'Person 2 Right tile' }).waitFor();

  expect(after).toEqual([2]);
  expect(pins).toBe(0);
  expect(leaveOut()).toEqual([]);
});
