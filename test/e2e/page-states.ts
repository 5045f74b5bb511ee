import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { untilLive, untilPlaying } from './opened-page.js';

/** Streams of the gateway whose pages are walked through: so many that the list has a search. */
export const WALKED_STREAMS = `[
  { id: hall, source: { url: "test:" }, targets: [
    { id: platform, url: "rtmp://localhost/live/key" }, { id: mirror, url: "rtmp://broken/live/key" } ] },
  { id: stage, source: { url: "rtsp://broken/" } },
  { id: phone, source: { url: "whip:" } },
  ${['overloaded', 'unauthorized', 'offline', 'failed', 'unpublished', 'keyframe'].map((name) => `{ id: ${name}, source: { url: "rtsp://${name}/" } }`).join()},
]`;

/** Of the gateway that asks for a token. */
export const ADMISSION = `access:
  token: correct-horse-battery
  tokens:
    - { name: wall, role: view, token: only-for-watching }
    - { name: door, role: view, streams: [door], token: for-the-door-alone }`;

/** A page in one of the states in which people meet it. */
export interface PageState {
  /** For the test's name. */
  readonly name: string;
  /** Below the address of the gateway. */
  readonly path: string;
  /** On a gateway without streams. */
  readonly isEmpty?: boolean;
  /** On a gateway that asks for a token, {@link ADMISSION}. */
  readonly isGuarded?: boolean;
  /** Before the page is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** Brings the page to the state that is meant. */
  readonly reach: (page: Page) => Promise<unknown>;
}

/** Recordings of a stream, more than the page shows at first. @param folder - `recordings.folder` */
export async function writeRecordings(folder: string, streamId: string): Promise<void> {
  await mkdir(join(folder, streamId), { recursive: true });
  const journal = { version: 1, durationS: 598, isComplete: true, shown: [], events: [] };
  for (let minute = 10; minute < 35; minute += 1) {
    const name = new Date(Date.now() - minute * 60_000).toISOString().replaceAll(':', '-');
    await writeFile(join(folder, streamId, `${name}.mp4`), Buffer.alloc(1000));
    await writeFile(join(folder, streamId, `${name}.json`), JSON.stringify(journal));
  }
}

const press =
  (...names: readonly (string | RegExp)[]) =>
  async (page: Page): Promise<void> => {
    await untilLive(page);
    for (const name of names) await page.getByRole('button', { name }).first().click();
  };

const dialogOf =
  (...names: readonly (string | RegExp)[]) =>
  async (page: Page): Promise<ReturnType<Page['getByRole']>> => {
    await press(...names)(page);
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    return dialog;
  };

const addCamera = async (page: Page, address: string, button: string): Promise<void> => {
  await page.getByRole('button', { name: 'Add a camera' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill(address);
  await dialog.getByRole('button', { name: button }).click();
};

const settings = async (page: Page): Promise<ReturnType<Page['getByRole']>> => {
  const dialog = await dialogOf('Settings of the stream')(page);
  await dialog.getByLabel('Width, pixels').waitFor();
  return dialog;
};

/** As if the gateway were one of three hosts. */
async function tellOfHosts(page: Page): Promise<void> {
  const host = { used: 2.26, reserved: 0, units: 4, isDraining: false };
  const hosts = [
    { ...host, id: 'host-1' },
    { ...host, id: 'a-host-with-a-rather-long-name.example.org', units: 2.49 },
    { ...host, id: 'host-3', units: 8, used: 7.4, reserved: 1.5, isDraining: true },
  ];
  await page.route('**/api/v1/cluster', (route) => route.fulfill({ json: { hosts } }));
  await page.route('**/api/v1/session', async (route) => {
    const told = (await (await route.fetch()).json()) as object;
    await route.fulfill({ json: { ...told, hosts: [{ host: 'host-1', url: new URL(page.url()).origin }] } });
  });
}

const LIST: readonly PageState[] = [
  { name: 'the list', path: '/', reach: (page) => page.locator('.card img').first().waitFor() },
  {
    ...{ name: 'the list, nothing found', path: '/' },
    reach: async (page) => {
      await page.getByLabel('Search').fill('nothing');
      await page.getByText('No stream has “nothing”').waitFor();
    },
  },
  {
    ...{ name: 'the list, gateway gone', path: '/' },
    reach: async (page) => {
      await page.locator('.card').first().waitFor();
      await page.route('**/api/v1/streams', (route) => route.abort());
      await page.getByText('The gateway does not answer').waitFor();
      await page.locator('.card', { hasText: 'Not known' }).first().waitFor();
    },
  },
  {
    ...{ name: 'the list of a cluster', path: '/', prepare: tellOfHosts },
    reach: (page) => page.getByText('7.4 of 8 units used, 1.5 of them reserved; gives its streams away').waitFor(),
  },
  { name: 'the empty list', path: '/', isEmpty: true, reach: (page) => page.getByText('No streams yet').waitFor() },
  {
    ...{ name: 'adding a camera', path: '/', isEmpty: true },
    reach: (page) => page.getByRole('button', { name: 'Add a camera' }).click(),
  },
  {
    ...{ name: 'adding a camera with a mistake', path: '/', isEmpty: true },
    reach: async (page) => {
      await addCamera(page, 'ftp://nowhere', 'Save');
      await page.locator('.dialog .problem').waitFor();
    },
  },
  {
    ...{ name: 'a camera that was tried', path: '/', isEmpty: true },
    reach: async (page) => {
      await addCamera(page, 'test:', 'Try it');
      await page.getByAltText('Picture of the camera').waitFor();
    },
  },
];

const STREAM: readonly PageState[] = [
  { name: 'a stream', path: '/s/hall', reach: untilLive },
  { name: 'a stream with sound', path: '/s/hall', reach: press('Sound') },
  { name: 'a target that is to be removed', path: '/s/hall', reach: press('Remove platform') },
  {
    ...{ name: 'a tile that was clicked', path: '/s/hall' },
    reach: async (page) => {
      const dialog = await dialogOf(/^Left tile/)(page);
      await dialog.getByText('Name the place instead').click();
      await dialog.getByLabel('Name of this place').waitFor();
    },
  },
  { name: 'adding a target', path: '/s/hall', reach: dialogOf('Add a target') },
  {
    ...{ name: 'adding a target with a mistake', path: '/s/hall' },
    reach: async (page) => {
      const dialog = await dialogOf('Add a target')(page);
      await dialog.getByLabel('Platform').selectOption('Another server');
      await dialog.getByLabel('Server').fill('http://platform');
      await dialog.getByRole('button', { name: 'Publish' }).click();
      await dialog.locator('.problem').waitFor();
    },
  },
  {
    ...{ name: 'the settings, all options and a mistake', path: '/s/hall' },
    reach: async (page) => {
      const dialog = await settings(page);
      for (const title of ['More of source', 'More of output', 'More of tiles']) await dialog.getByText(title).click();
      await dialog.getByLabel('Address').fill('ftp://nowhere');
      await dialog.getByLabel('Width, pixels').fill('1280');
      await dialog.getByRole('button', { name: 'Save and restart' }).click();
      await dialog.locator('.problem').waitFor();
    },
  },
  {
    ...{ name: 'a stream that is to be removed', path: '/s/hall' },
    reach: async (page) => {
      await (await settings(page)).getByRole('button', { name: 'Remove the stream' }).click();
    },
  },
  { name: 'the shortcuts', path: '/s/hall', reach: dialogOf('Keyboard shortcuts') },
  {
    ...{ name: 'technical details', path: '/s/hall' },
    reach: (page) => page.getByText('Technical details').click(),
  },
  {
    ...{ name: 'a recording that is to be deleted', path: '/s/hall' },
    reach: async (page) => {
      await page.locator('.recordings li').first().waitFor();
      await page
        .getByRole('button', { name: /^Delete the recording/ })
        .first()
        .click();
    },
  },
];

const TROUBLE: readonly PageState[] = [
  ...['stage', 'overloaded', 'unauthorized', 'offline', 'failed', 'unpublished', 'keyframe'].map((id) => ({
    ...{ name: `an outage (${id})`, path: `/s/${id}` },
    reach: (page: Page) => page.locator('.outage').waitFor(),
  })),
  {
    ...{ name: 'a gateway that does not answer', path: '/s/hall' },
    prepare: (page) => page.routeWebSocket(/\/ws$/, (socket) => void socket.close()),
    reach: (page) => page.getByText('The connection to the gateway was lost.').waitFor(),
  },
  {
    ...{ name: 'a browser without WebRTC', path: '/s/hall' },
    prepare: (page) => page.addInitScript('delete globalThis.RTCPeerConnection'),
    reach: (page) => page.getByText('This browser has no WebRTC').first().waitFor(),
  },
  { name: 'no such stream', path: '/s/nosuch', reach: (page) => page.getByText('All streams').waitFor() },
  { name: 'no such page', path: '/foo', reach: (page) => page.getByText('All streams').waitFor() },
];

const OTHERS: readonly PageState[] = [
  { name: 'sending a camera', path: '/publish/phone', reach: (page) => page.getByText('Not sending').waitFor() },
  {
    ...{ name: 'sending a camera that is not there', path: '/publish/phone' },
    reach: async (page) => {
      await page.getByRole('button', { name: 'Use this camera' }).click();
      await page.getByText(/There is no such camera|may not use/).waitFor();
    },
  },
  { name: 'the picture alone', path: '/s/hall?view=clean', reach: (page) => page.locator('video').waitFor() },
];

const refused = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Not with this token' }).waitFor();

const ADMITTED: readonly PageState[] = [
  { name: 'signing in', path: '/', reach: (page) => page.getByLabel('Token').waitFor() },
  {
    ...{ name: 'a token that is not known', path: '/' },
    reach: async (page) => {
      await page.getByLabel('Token').fill('wrong-wrong-wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('This token is not known').waitFor();
    },
  },
  {
    ...{ name: 'a link for guests that has expired', path: '/s/hall#token=dpp_expired' },
    reach: (page) => page.getByText('This link has expired').waitFor(),
  },
  { name: 'a stream to watch only', path: '/s/hall#token=only-for-watching', reach: untilPlaying },
  { name: 'a stream for others', path: '/s/hall#token=for-the-door-alone', reach: refused },
  { name: 'sending a camera without being allowed', path: '/publish/hall#token=only-for-watching', reach: refused },
];
const GUARDED = ADMITTED.map((state) => ({ ...state, isGuarded: true }));

/** Every page in every state. */
export const PAGE_STATES: readonly PageState[] = [...LIST, ...STREAM, ...TROUBLE, ...OTHERS, ...GUARDED];
