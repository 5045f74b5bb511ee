import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fakeCameraFile } from '#src/bench/fake-camera.adapter.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';
import { untilLive, usePages } from './opened-page.js';
import { startReverseProxy, type FolderStyle, type ReverseProxy } from './reverse-proxy.js';

const FOLDER = '/church/two-shot';
const { open, gateway } = usePages(
  '[{ id: hall, source: { url: "test:" } }, { id: phone, source: { url: "whip:" } }]',
  {
    http: `basePath: ${FOLDER}/`,
    camera: () => fakeCameraFile(DEMO_SCENE),
  },
);

let proxy: ReverseProxy;

beforeAll(async () => {
  proxy = await startReverseProxy(FOLDER, Number(new URL(gateway().url).port));
  await vi.waitFor(() => expect(gateway().registry.get('hall').status.state).toBe('live'), { timeout: 60_000 });
});

afterAll(() => proxy.stop());

/** Runs in a page: plays by WHEP, and ends it. Resolves with where the session was, and how its end was answered. */
async function playByWhep(url: string): Promise<readonly [location: string, ended: number, isShown: boolean]> {
  const connection = new RTCPeerConnection();
  const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
  const media = new MediaStream();
  document.body.append(video);
  video.srcObject = media;
  connection.ontrack = ({ track }) => media.addTrack(track);
  connection.addTransceiver('video', { direction: 'recvonly' });
  const shown = new Promise<boolean>((resolve) => video.requestVideoFrameCallback(() => resolve(true)));
  await connection.setLocalDescription();
  const headers = { 'content-type': 'application/sdp' };
  const answer = await fetch(url, { method: 'POST', headers, body: connection.localDescription?.sdp ?? '' });
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  const isShown = await shown;
  const location = answer.headers.get('location') ?? '';
  const ended = await fetch(location, { method: 'DELETE' });
  connection.close();
  return [location, ended.status, isShown];
}

/** Runs in a page: the first event that comes over a connection that stays open. */
const firstEvent = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const source = new EventSource(url);
    source.onerror = () => reject(new Error(`no events from ${url}`));
    source.onmessage = ({ data }) => {
      source.close();
      resolve(String(data));
    };
  });

describe.each(['keeps the folder', 'takes the folder off'] satisfies FolderStyle[])(
  'behind a proxy that %s, the gateway',
  (style) => {
    const openAt = (path: string): Promise<Page> => open(`${proxy.url(style)}${path}`);

    it('has its list, adds a camera, and plays its picture', async () => {
      const name = style.startsWith('keeps') ? 'kept' : 'taken';
      const page = await openAt('/');
      await page.getByRole('article', { name: 'hall' }).locator('img').waitFor();

      await page.getByRole('button', { name: 'Add a camera' }).click();
      await page.getByRole('dialog').getByLabel('Address').fill('test:');
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill(name);
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.waitForURL(`${proxy.url(style)}/s/${name}`);
      await untilLive(page);
      await page.getByRole('link', { name: 'Diptych' }).click();

      await page.waitForURL(`${proxy.url(style)}/`);
      await page.getByRole('article', { name }).waitFor();
    });

    it('renames a stream while its page is open, and saves its picture', async () => {
      const page = await openAt('/s/hall');
      await untilLive(page);

      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save this picture' }).click();
      const picture = await readFile(await (await download).path());
      const patch = (from: string, to: string): Promise<number> =>
        page.evaluate(
          async ([url = '', id = '']) => {
            const headers = { 'content-type': 'application/json' };
            return (await fetch(url, { method: 'PATCH', headers, body: JSON.stringify({ id }) })).status;
          },
          [`${FOLDER}/api/v1/streams/${from}`, to],
        );
      const renamed = await patch('hall', 'aisle');
      await page.waitForURL(`${proxy.url(style)}/s/aisle`);
      const back = await patch('aisle', 'hall');
      await page.waitForURL(`${proxy.url(style)}/s/hall`);

      expect([renamed, back]).toEqual([200, 200]);
      expect(picture.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    });

    it('plays by WHEP, whose session is where Location says, and sends events', async () => {
      const page = await openAt('/');

      const [location, ended, isShown] = await page.evaluate(playByWhep, `${FOLDER}/whep/hall`);
      const event = await page.evaluate(firstEvent, `${FOLDER}/api/v1/streams/hall/events`);

      expect(location).toMatch(new RegExp(`^${FOLDER}/whep/hall/[\\w-]+$`));
      expect([isShown, ended]).toEqual([true, 200]);
      expect(JSON.parse(event)).toHaveProperty('kind');
    });

    it('takes the camera of a browser', async () => {
      const page = await openAt('/publish/phone');

      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: 'Use this camera' }).click();
      const answer = await answered;
      const ended = page.waitForRequest((request) => request.method() === 'DELETE');
      await page.getByRole('button', { name: 'Stop' }).click();

      expect([new URL(answer.url()).pathname, answer.status()]).toEqual([`${FOLDER}/whip/phone`, 201]);
      expect(new URL((await ended).url()).pathname).toBe(answer.headers()['location']);
      expect(await page.getByRole('link', { name: 'To the stream' }).getAttribute('href')).toBe(`${FOLDER}/s/phone`);
    });

    it('answers what is not there with a page, and problems whose type leads to their words', async () => {
      const page = await openAt('/foo');
      await page.getByRole('heading', { name: 'Not found' }).waitFor();
      await page.getByRole('link', { name: 'All streams', exact: true }).click();
      await page.waitForURL(`${proxy.url(style)}/`);

      const answer = await fetch(`${proxy.url(style)}/api/v1/streams/nosuch`);
      const problem = (await answer.json()) as {
        readonly type: string;
        readonly instance: string;
        readonly code: string;
      };
      const words = await fetch(new URL(problem.type, answer.url));
      const document = await fetch(`${proxy.url(style)}/openapi.json`);
      const { servers } = (await document.json()) as { readonly servers: readonly { readonly url: string }[] };

      expect(problem.instance).toBe(`${FOLDER}/api/v1/streams/nosuch`);
      expect(await words.json()).toMatchObject({ code: problem.code });
      expect(new URL(servers[0]?.url ?? '', document.url).pathname).toBe(`${FOLDER}/`);
    });
  },
);
