import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages('[{ id: hall, source: { url: "test:" } }, { id: door, source: { url: "test:" } }]');

const configOf = async (id: string): Promise<Record<string, Record<string, unknown>>> =>
  (await fetch(`${gateway().url}/api/v1/streams/${id}/config`)).json() as Promise<
    Record<string, Record<string, unknown>>
  >;

/** Every option of the form by its label, and another value than it has. */
const OTHER_VALUES: readonly (readonly [label: string, text: string, path: string, value: unknown])[] = [
  ['Address', 'rtsp://camera/2', 'source.url', 'rtsp://camera/2'],
  ['User', 'anna', 'source.user', 'anna'],
  ['Password', 'p@ss', 'source.password', '***'],
  ['Transport', 'udp', 'source.transport', 'udp'],
  ['Picture track', '1', 'source.track.video', 1],
  ['Sound track', 'none', 'source.track.audio', 'none'],
  ['Check the certificate', 'no', 'source.tls.verify', false],
  ['Fingerprint of the certificate', 'ab'.repeat(32), 'source.tls.fingerprint', 'ab'.repeat(32)],
  ['File of certificate authorities', '/etc/ca.pem', 'source.tls.caFile', '/etc/ca.pem'],
  ['Jitter buffer, ms', '250', 'source.latencyMs', 250],
  ['Turn the picture, degrees', '180', 'source.rotate', '180'],
  ['Longest wait for a keyframe, s', '60', 'source.maxGopS', 60],
  ['Frozen after, s', '10', 'source.frozenS', 10],
  ['Single pictures a second', '2', 'source.pollFps', 2],
  ['Format of the camera', 'mjpeg', 'source.v4l2.format', 'mjpeg'],
  ['Width that the camera sends, pixels', '1280', 'source.v4l2.width', 1280],
  ['Height that the camera sends, pixels', '720', 'source.v4l2.height', 720],
  ['Frame rate that the camera sends, fps', '25', 'source.v4l2.fps', 25],
  ['A second sender takes over', 'yes', 'source.takeover', true],
  ['Repeat a file', 'no', 'source.loop', false],
  ['Open again without a picture after, s', '7.5', 'source.timeoutS', 7.5],
  ['Width, pixels', '1280', 'output.width', 1280],
  ['Height, pixels', '720', 'output.height', 720],
  ['Frame rate, fps', '25', 'output.fps', 25],
  ['Bitrate, kbit/s', '3000', 'output.bitrateKbps', 3000],
  ['Keyframe interval, s', '1', 'output.gopS', 1],
  ['H.264 profile', 'main', 'output.profile', 'main'],
  ['Encoder', 'x264', 'output.encoder', 'x264'],
  ['Preset of x264', 'veryfast', 'output.preset', 'veryfast'],
  ['Bitrate of the sound, kbit/s', '96', 'output.audioBitrateKbps', 96],
  ['Tile of somebody who is gone stays for, s', '3', 'framing.holdS', 3],
  ['Space above the hair, share of the tile', '0.2', 'framing.headroomRatio', 0.2],
  ['Height of the head, share of the tile', '0.3', 'framing.headRatio', 0.3],
  ['Tiles follow people within, s', '0.8', 'framing.smoothingS', 0.8],
  ['Enlarged at most, times', '2.5', 'framing.maxZoom', 2.5],
  ['Length of a change, s', '0.7', 'framing.transitionS', 0.7],
  ['Line between tiles, pixels', '6', 'framing.borderPx', 6],
  ['Colour of the line', '#203040', 'framing.borderColour', '#203040'],
  ['Radius of corners, pixels', '24', 'framing.cornerPx', 24],
  ['Space around tiles, pixels', '16', 'framing.marginPx', 16],
  ['Colour of the background', '#102030', 'framing.backgroundColour', '#102030'],
];

let page: Page;

async function openSettings(id: string): Promise<Locator> {
  page = await open(`/s/${id}`);
  await untilLive(page);
  await page.getByRole('button', { name: 'Settings of the stream' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Width, pixels').waitFor();
  return dialog;
}

/** A field by its label; that an option restarts the stream stands in the label as well. */
const fieldOf = (dialog: Locator, label: string): Locator =>
  dialog.getByLabel(new RegExp(`^${label.replace(/[.]/g, '\\.')}(restarts the stream)?$`));

it('changes every option of source, output and tiles, and says before which of them restart the stream', async () => {
  const dialog = await openSettings('hall');
  for (const title of ['More of source', 'More of output', 'More of tiles']) await dialog.getByText(title).click();

  const shown = await dialog
    .locator('.options label')
    .evaluateAll((labels) => labels.map((one) => one.firstChild?.textContent));
  expect(shown.sort()).toEqual(OTHER_VALUES.map(([label]) => label).sort());
  await fieldOf(dialog, 'Bitrate, kbit/s').fill('3000');
  await dialog.getByText('applies while the stream runs').waitFor();
  for (const [label, text] of OTHER_VALUES) {
    const field = fieldOf(dialog, label);
    if ((await field.evaluate(({ tagName }) => tagName)) === 'SELECT') await field.selectOption(text);
    else await field.fill(text);
  }
  await dialog.getByText(/^The stream restarts for Width, pixels; Height, pixels; Frame rate, fps; Keyframe/).waitFor();
  await dialog.getByRole('button', { name: 'Save and restart' }).click();
  await dialog.waitFor({ state: 'detached' });

  const config = await configOf('hall');
  const saved = OTHER_VALUES.map(([label, , path]) => [
    label,
    path.split('.').reduce<unknown>((block, key) => (block as Record<string, unknown>)[key], config),
  ]);
  expect(saved).toEqual(OTHER_VALUES.map(([label, , , value]) => [label, value]));
});

it('says what is wrong with an option, and keeps what was typed', async () => {
  const dialog = await openSettings('door');
  const url = fieldOf(dialog, 'Address');

  await url.fill('ftp://camera/1');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.locator('.problem', { hasText: 'ftp' }).waitFor();

  expect(await url.inputValue()).toBe('ftp://camera/1');
  expect((await configOf('door'))['source']).toMatchObject({ url: 'test:' });
});

it('names a place', async () => {
  page = await open('/s/door');
  await untilLive(page);
  await page
    .getByRole('button', { name: /^Left tile/ })
    .first()
    .click();

  const dialog = page.getByRole('dialog');
  await dialog.getByText('Name the place instead').click();
  await dialog.getByLabel('Name of this place').fill(' Pulpit ');
  await dialog.locator('details').getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });

  expect((await configOf('door'))['slots']).toMatchObject({ labels: ['Pulpit'] });
});

it('restarts the stream', async () => {
  const { pid } = gateway().registry.get('door');
  const dialog = await openSettings('door');

  await dialog.getByRole('button', { name: 'Restart the stream' }).click();
  await dialog.waitFor({ state: 'detached' });

  await expect.poll(() => gateway().registry.get('door').pid ?? pid, { timeout: 30_000 }).not.toBe(pid);
});

it('renames the stream while it plays, and its controls speak to the new name', async () => {
  const dialog = await openSettings('door');
  await page.evaluate(() => Object.assign(globalThis, { isSame: true }));

  await dialog.getByLabel('Name', { exact: true }).fill('no name');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.getByText(/letters, digits and dashes, at most/).waitFor();
  await dialog.getByLabel('Name', { exact: true }).fill('porch');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'porch' }).waitFor();
  await page.getByRole('button', { name: 'Swap', exact: true }).click();
  await page.locator('.events').getByText('The tiles were swapped.').waitFor();

  expect(new URL(page.url()).pathname).toBe('/s/porch');
  expect(await page.title()).toBe('porch · Diptych');
  expect(await page.evaluate(() => 'isSame' in globalThis)).toBe(true);
  expect(
    gateway()
      .registry.list()
      .map(({ id }) => id),
  ).toEqual(['hall', 'porch']);
});

it('removes a stream, after it was asked twice', async () => {
  const dialog = await openSettings('porch');

  await dialog.getByRole('button', { name: 'Remove the stream' }).click();
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await dialog.getByRole('button', { name: 'Remove the stream' }).click();
  const before = gateway().registry.list().length;
  await dialog.getByRole('button', { name: 'Remove porch and end its broadcast' }).click();
  await page.getByRole('article', { name: 'hall' }).waitFor();

  expect(before).toBe(2);
  expect(
    gateway()
      .registry.list()
      .map(({ id }) => id),
  ).toEqual(['hall']);
});
