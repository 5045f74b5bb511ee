import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { untilLive, usePages } from './opened-page.js';

const { open, gateway } = usePages('[{ id: hall, source: { url: "test:" } }]');

/** What a browser loads for a page, gzipped, as the issue of such pages allows on a slow line. */
const LIMIT_BYTES = 300_000;

it('loads less than 300 kB, gzipped, and only from the gateway', async () => {
  const page = await open('/foo');
  const loaded: string[] = [];
  page.on('request', (request) => void (request.url().startsWith('http') && loaded.push(request.url())));

  await page.goto(`${gateway().url}/s/hall`);
  await untilLive(page);
  const files = loaded.filter((url) => /\/assets\/|\/s\/hall$/.test(url));
  const sizes = await Promise.all(
    files.map(async (url) => gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);

  console.info(`${files.length} files, ${bytes} bytes gzipped`);
  expect(files.length).toBeGreaterThanOrEqual(4);
  expect(bytes).toBeLessThan(LIMIT_BYTES);
  expect(loaded.filter((url) => !url.startsWith(gateway().url))).toEqual([]);
});

it.each(['/', '/s/hall', '/publish/hall', '/s/hall?view=clean'])(
  '%s says nothing in the console of the browser',
  async (path) => {
    const page = await open('/foo');
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));

    await page.goto(gateway().url + path);
    await page.waitForFunction(() => (document.querySelector('#app')?.children.length ?? 0) > 0);
    await page.waitForTimeout(1_000);

    expect(said).toEqual([]);
  },
);
