import { expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages('[{ id: hall, source: { url: "test:" } }]');

const configOf = async (id: string): Promise<Record<string, Record<string, unknown>>> =>
  (await fetch(`${gateway().url}/api/v1/streams/${id}/config`)).json() as Promise<
    Record<string, Record<string, unknown>>
  >;

it('changes options of source and output, and says before which of them restart the stream', async () => {
  const page = await open('/s/hall');
  await untilLive(page);
  await page.getByRole('button', { name: 'Settings of the stream' }).click();
  const dialog = page.getByRole('dialog');

  await dialog.getByLabel('Bitrate, kbit/s', { exact: true }).fill('3000');
  await dialog.getByText('applies while the stream runs').waitFor();
  await dialog.getByText('More of source').click();
  await dialog.getByLabel('Picture track', { exact: true }).fill('0');
  await dialog.getByText('applies while the stream runs').waitFor();
  await dialog.getByLabel(/^Width/).fill('1280');
  await dialog.getByText('The stream restarts for Width, pixels').waitFor();
  await dialog.getByRole('button', { name: 'Save and restart' }).click();
  await dialog.waitFor({ state: 'detached' });

  const { source, output } = await configOf('hall');
  expect(output).toMatchObject({ bitrateKbps: 3000, width: 1280, height: 1080 });
  expect(source).toMatchObject({ url: 'test:', track: { video: 0, audio: 'auto' } });
});

it('says what is wrong with an option, and keeps what was typed', async () => {
  const page = await open('/s/hall');
  await untilLive(page);
  await page.getByRole('button', { name: 'Settings of the stream' }).click();
  const dialog = page.getByRole('dialog');
  const url = dialog.getByLabel('Address', { exact: true });

  await url.fill('ftp://camera/1');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.locator('.problem', { hasText: 'source.url' }).waitFor();

  expect(await url.inputValue()).toBe('ftp://camera/1');
  expect((await configOf('hall'))['source']).toMatchObject({ url: 'test:' });
});

it('names a tile', async () => {
  const page = await open('/s/hall');
  await untilLive(page);
  await page
    .getByRole('button', { name: /^Left tile/ })
    .first()
    .click();

  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name shown in this tile').fill(' Anna ');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });

  expect((await configOf('hall'))['slots']).toMatchObject({ labels: ['Anna'] });
});
