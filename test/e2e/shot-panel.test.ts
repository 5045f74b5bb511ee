import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages('[{ id: hall, source: { url: "test:" } }]');

async function openLive(): Promise<Page> {
  const page = await open('/s/hall');
  await untilLive(page);
  return page;
}

describe('the shot', () => {
  it.each([
    ['Auto', '0', { action: 'release' }, 'Split: people are apart'],
    ['Split', '1', { action: 'hold', kind: 'split' }, 'Split: chosen by hand'],
    [
      'Together',
      '2',
      { action: 'hold', kind: 'together' },
      'Split: people are apart. Together is held, and waits for people',
    ],
    ['Single', '3', { action: 'hold', kind: 'single' }, 'Single: chosen by hand'],
    ['Wide', '4', { action: 'hold', kind: 'wide' }, 'Wide: chosen by hand'],
  ])('is chosen by button and by key: %s', async (name, key, body, told) => {
    const page = await openLive();
    const panel = page.getByRole('region', { name: 'Shot' });
    const asked = (): Promise<unknown> =>
      page
        .waitForResponse((response) => response.url().endsWith('/api/v1/streams/hall/shot') && response.ok())
        .then((response) => response.request().postDataJSON() as unknown);

    const button = panel.getByRole('button', { name, exact: true });
    const [byButton] = await Promise.all([asked(), button.click()]);
    // It takes nothing while it acts.
    await button.click({ trial: true });
    const [byKey] = await Promise.all([asked(), page.keyboard.press(key)]);

    expect([byButton, byKey]).toEqual([body, body]);
    await panel.getByText(told, { exact: true }).waitFor();
    await panel.getByRole('button', { name, exact: true, pressed: true }).waitFor();
    expect(await panel.getByRole('group', { name: 'Shot' }).getByRole('button', { pressed: true }).count()).toBe(1);
  });
});

it('says that whoever is held alone cannot be shown', async () => {
  const page = await openLive();
  const ask = async (path: string, data: object): Promise<void> => {
    const response = await page.request.post(`${gateway().url}/api/v1/streams/hall/${path}`, { data });
    expect(response.status()).toBe(204);
  };
  const panel = page.getByRole('region', { name: 'Shot' });

  await ask('shot', { action: 'hold', kind: 'single', trackId: 2 });
  await panel.getByText('Single: chosen by hand', { exact: true }).waitFor();
  await ask('slots', { action: 'leave_out', trackId: 2 });
  const told = 'Single: chosen by hand. Person 2 is held alone, and cannot be shown now: somebody else is';
  await panel.getByText(told, { exact: true }).waitFor();
  await ask('slots', { action: 'take_in', trackId: 2 });
  await panel.getByText('Single: chosen by hand', { exact: true }).waitFor();
  await ask('shot', { action: 'release' });
});

describe('the pace', () => {
  it('is one of three, and is kept in the configuration: changes its pace', async () => {
    const page = await openLive();
    const pace = page.getByRole('group', { name: 'Pace' });
    const pressed = (name: string): Promise<void> => pace.getByRole('button', { name, pressed: true }).waitFor();

    await pressed('Normal');
    for (const name of ['Lively', 'Normal', 'Calm']) {
      await pace.getByRole('button', { name }).click();
      await pressed(name);
    }
    const config = await page.request.get(`${gateway().url}/api/v1/streams/hall/config`);

    expect(await pace.getByRole('button', { pressed: true }).count()).toBe(1);
    expect(await config.json()).toMatchObject({ shots: { preset: 'calm' } });
  });
});
