import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages('[{ id: hall, source: { url: "test:" } }]');

async function openLive(options = {}): Promise<Page> {
  const page = await open('/s/hall', options);
  await untilLive(page);
  return page;
}

const events = (page: Page, text: string): Promise<void> => page.locator('.events').getByText(text).first().waitFor();

describe('the player', () => {
  it('has a volume once its sound is on', async () => {
    const page = await openLive();
    await page.evaluate(() => {
      const { prototype } = HTMLMediaElement;
      const own = Object.getOwnPropertyDescriptor(prototype, 'volume');
      Object.defineProperty(prototype, 'volume', {
        set(value: number) {
          document.documentElement.dataset['volume'] = String(value);
          own?.set?.call(this, value);
        },
      });
    });

    await page.getByRole('button', { name: 'Sound' }).click();
    const slider = page.getByRole('slider', { name: 'Volume' });
    await slider.fill('0.25');

    expect(await page.evaluate(() => document.documentElement.dataset['volume'])).toBe('0.25');
    await page.getByRole('button', { name: 'Sound' }).click();
    await slider.waitFor({ state: 'detached' });
  });

  it('saves the picture', async () => {
    const page = await openLive();

    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
    const jpeg = await readFile(await download.path());

    expect(download.suggestedFilename()).toMatch(/^hall-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.jpg$/);
    expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    await page.getByText('Picture saved').waitFor();
  });

  it('copies the link', async () => {
    const page = await openLive({ permissions: ['clipboard-read', 'clipboard-write'] });

    await page.getByRole('button', { name: 'Copy the link' }).click();
    await page.getByText('Link copied').waitFor();

    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${gateway().url}/s/hall`);
  });

  it('fills the screen, and gives it back', async () => {
    const page = await openLive();
    const button = page.getByRole('button', { name: 'Full screen' });

    await button.click();
    await page.waitForFunction(() => document.fullscreenElement?.className === 'stage');
    await page.getByRole('button', { name: /^Left tile/ }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await button.click();

    await page.waitForFunction(() => document.fullscreenElement === null);
  });

  it('shows the picture in a window of its own', async () => {
    const page = await openLive();

    await page.getByRole('button', { name: 'Picture in picture' }).click();
    await page.waitForFunction(() => document.pictureInPictureElement?.tagName === 'VIDEO');
    await page.getByRole('button', { name: 'Picture in picture' }).click();

    await page.waitForFunction(() => document.pictureInPictureElement === null);
  });

  it('goes from control to control by the arrow keys, round the ends', async () => {
    const page = await openLive();
    const focused = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
    const toolbar = page.getByRole('toolbar');
    await toolbar.getByRole('button').first().focus();

    const seen: (string | null)[] = [];
    for (const key of ['ArrowRight', 'Home', 'ArrowLeft', 'ArrowRight', 'End']) {
      await page.keyboard.press(key);
      seen.push(await focused());
    }

    expect(seen).toEqual(['Boxes and names', 'Sound', 'Keyboard shortcuts', 'Sound', 'Keyboard shortcuts']);
  });

  it('lists its shortcuts on ?, and gives the focus back', async () => {
    const page = await openLive();
    await page.getByRole('button', { name: 'Copy the link' }).focus();

    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Full screen').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Copy the link');
  });
});

describe('the tiles', () => {
  it.each([
    ['Swap the two people', 'The tiles were swapped.'],
    ['Lock: everybody keeps their tile', 'The tiles were locked: everybody keeps theirs.'],
    ['Follow left and right', 'The tiles follow left and right again.'],
    ['In this tile', 'Person 1 was put in tile 1.'],
    ['In the right tile', 'Person 1 was put in tile 2.'],
  ])('can be clicked: %s', async (action, told) => {
    const page = await openLive();

    await page.getByRole('button', { name: /^Left tile/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: action }).click();

    await events(page, told);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it.each([
    ['Swap', 'The tiles were swapped.'],
    ['Lock', 'The tiles were locked: everybody keeps theirs.'],
    ['Follow', 'The tiles follow left and right again.'],
  ])('have buttons beside the people: %s', async (action, told) => {
    const page = await openLive();

    await page.getByRole('button', { name: action, exact: true }).click();

    await events(page, told);
  });

  it('say who is pinned and that they are locked, until they follow again', async () => {
    const page = await openLive();
    const tile = page.getByRole('button', { name: /^Left tile/ });

    await tile.click();
    await page.getByRole('dialog').getByRole('button', { name: 'In this tile' }).click();
    await page.getByRole('button', { name: 'Left tile, person 1, pinned: change' }).waitFor();
    await page.getByRole('button', { name: 'Person 1 Left tile, pinned' }).waitFor();
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await page.getByRole('button', { name: 'Right tile, person 2, locked: change' }).waitFor();
    await page.getByText('Locked: everybody keeps their tile').waitFor();
    const icons = await page.locator('.tile .held').count();
    await page.getByRole('button', { name: 'Follow', exact: true }).click();
    await page.getByRole('button', { name: 'Left tile, person 1: change' }).waitFor();

    expect(icons).toBe(2);
    expect(await page.locator('.tile .held').count()).toBe(0);
  });

  it('have the colours of the boxes and of the list', async () => {
    const page = await openLive();

    const colours = await page.evaluate(() =>
      [0, 1].map((slot) => {
        const swatch = document.querySelector(`.swatch[data-slot="${slot}"]`);
        return swatch ? getComputedStyle(swatch).backgroundColor : undefined;
      }),
    );
    const drawn = await page.evaluate(() => {
      const canvas = document.querySelector('canvas');
      const { data, width } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {
        data: [],
        width: 1,
      };
      const found = [new Set<string>(), new Set<string>()];
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] === 255)
          found[(at / 4) % width < width / 2 ? 0 : 1]?.add(`rgb(${data[at]}, ${data[at + 1]}, ${data[at + 2]})`);
      }
      return found.map((set) => [...set]);
    });

    expect(colours).toEqual(['rgb(95, 211, 196)', 'rgb(242, 184, 102)']);
    expect(drawn[0]).toContain(colours[0]);
    expect(drawn[1]).toContain(colours[1]);
  });
});

describe('the targets', () => {
  it('are added, told with their bitrate, and removed', async () => {
    const page = await openLive();
    await page.getByRole('button', { name: 'Add a target' }).click();
    const dialog = page.getByRole('dialog');

    await dialog.getByText('rtmp://a.rtmp.youtube.com/live2').waitFor();
    await dialog.getByLabel('Platform').selectOption('Another server');
    await dialog.getByLabel('Server').fill('rtmp://localhost/live');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await dialog.getByText(/Has no stream key/).waitFor();
    await dialog.getByLabel('Stream key').fill('secret-key');
    await dialog.getByLabel('Name').fill('platform');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    const target = page.locator('.targets li', { hasText: 'platform' });
    await target.getByText('Live', { exact: true }).waitFor();
    await target.getByText(/[\d.]+ Mbit\/s · [\d.]+ [kM]?B sent/).waitFor();

    expect(await page.content()).not.toContain('secret-key');
    await target.getByRole('button', { name: 'Remove platform' }).click();
    await target.getByRole('button', { name: 'Keep' }).click();
    await target.getByRole('button', { name: 'Remove platform' }).click();
    await target.getByRole('button', { name: 'Stop publishing to platform' }).click();
    await page.getByText('Not published anywhere else').waitFor();
    await events(page, 'Target platform was removed.');
  });

  it('of a platform need only its key', async () => {
    const page = await openLive();
    await page.getByRole('button', { name: 'Add a target' }).click();
    const dialog = page.getByRole('dialog');

    await dialog.getByLabel('Platform').selectOption('Twitch');
    await dialog.getByLabel('Stream key').fill('secret-key');
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await page.locator('.targets li', { hasText: 'twitch' }).waitFor();

    expect(gateway().registry.get('hall').config.targets).toMatchObject([
      { id: 'twitch', url: 'rtmp://live.twitch.tv/app', key: 'secret-key' },
    ]);
  });
});

it('draws delay and frame rate', async () => {
  const page = await openLive();

  await page.locator('.headline', { hasText: /≈ \d+ ms/ }).waitFor();
  await page.locator('.headline', { hasText: /\d+ fps/ }).waitFor();
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.graph canvas');
    // It has no size before it is laid out.
    if (!canvas?.width || !canvas.height) return false;
    const context = canvas.getContext('2d');
    return context?.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
  });
});

it('tells what happened before the page was opened, and goes on in a list that keys reach', async () => {
  await fetch(`${gateway().url}/api/v1/streams/hall/slots`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"action":"swap"}',
  });
  const page = await openLive();

  const list = page.getByRole('list', { name: 'Events, newest first' });
  await list.getByText('The tiles were swapped.').first().waitFor();
  await list.getByText('The stream hall was added.').waitFor();
  await list.focus();

  expect(await page.evaluate(() => document.activeElement?.className)).toBe('events');
});
