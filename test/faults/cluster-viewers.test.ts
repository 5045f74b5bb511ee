import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { clusterCommand, startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { SMALL_STREAM } from './running-gateway.js';

const TOKEN = 'correct-horse-battery';
const LIMIT_MS = 40_000;
/** A folder for pictures of the pages, to be looked at. */
const PICTURES = process.env['DIPTYCH_PAGE_PICTURES'];

let etcd: EtcdServers;
let browser: Browser;
let hosts: readonly ClusterGateway[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  const start = (name: string): Promise<ClusterGateway> =>
    startClusterGateway(name, etcd.endpoints, { units: 0.3 }, { access: { token: TOKEN } });
  hosts = await Promise.all(['left', 'right'].map(start));
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await Promise.all(hosts.map((host) => host.stop()));
  await etcd.stop();
});

function hostNamed(name: string | undefined): ClusterGateway {
  const host = hosts.find((each) => each.host === name);
  if (!host) throw new Error(`there is no host ${String(name)}`);
  return host;
}

const call = (host: ClusterGateway, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(host.url + path, {
    ...init,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(init.body !== undefined && { 'content-type': 'application/json' }),
    },
  });

async function ownerOf(id: string, asked: ClusterGateway): Promise<string | undefined> {
  const response = await call(asked, '/api/v1/cluster');
  const { streams } = (await response.json()) as { readonly streams: readonly { id: string; host?: string }[] };
  return streams.find((stream) => stream.id === id)?.host;
}

async function listAt(host: ClusterGateway): Promise<readonly StreamView[]> {
  return (await (await call(host, '/api/v1/streams')).json()) as StreamView[];
}

async function add(host: ClusterGateway, id: string): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify({ id, ...SMALL_STREAM }), redirect: 'manual' } as const;
  const asked = await call(host, '/api/v1/streams', init);
  // A host without room sends it on, and fetch would leave the token behind.
  const other = hosts.find(({ url }) => asked.headers.get('location')?.startsWith(url) === true);
  const response = other ? await call(other, '/api/v1/streams', init) : asked;
  expect(response.status, await response.clone().text()).toBe(201);
}

/** Follows when pictures are on screen, also where the element is another one. */
const watchPictures = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen = new WeakSet<HTMLVideoElement>();
    const times: number[] = [];
    Object.assign(globalThis, { times });
    const follow = (video: HTMLVideoElement): void => {
      video.requestVideoFrameCallback((nowMs) => {
        times.push(nowMs);
        follow(video);
      });
    };
    setInterval(() => {
      for (const video of document.querySelectorAll('video')) {
        if (seen.has(video)) continue;
        seen.add(video);
        follow(video);
      }
    }, 5);
  });

const newest = (page: Page): Promise<number> =>
  page.evaluate(() => performance.now() - ((globalThis as unknown as { times: number[] }).times.at(-1) ?? -Infinity));

/** The longest time between two pictures, ms. */
const longestGap = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { times } = globalThis as unknown as { times: number[] };
    return Math.max(0, ...times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs)));
  });

async function untilMoving(page: Page): Promise<void> {
  await expect.poll(() => newest(page), { timeout: LIMIT_MS, interval: 100 }).toBeLessThan(500);
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `cluster-${name}.png`) });
};

it('every host shows all streams, and the page of a stream goes with it from host to host', async () => {
  const [left, right] = hosts;
  if (!left || !right) throw new Error('there are no hosts');
  for (const host of hosts) {
    await expect.poll(() => host.lines().some((line) => line.includes('may run')), { timeout: LIMIT_MS }).toBe(true);
  }
  await add(left, 'hall');
  await add(left, 'door');
  // There is no room for a third one.
  const refused = await call(left, '/api/v1/streams', { method: 'POST', body: JSON.stringify({ id: 'roof' }) });
  expect(refused.status).toBe(503);
  const owner = hostNamed(await ownerOf('hall', left));
  const other = owner === left ? right : left;
  const states = async (host: ClusterGateway): Promise<string[]> =>
    (await listAt(host)).map(({ id, state, host: runs }) => `${id} ${state} ${runs?.host ?? '-'}`).sort();
  await expect.poll(() => states(owner), { timeout: LIMIT_MS }).toEqual([`door live ${other.host}`, 'hall live -']);
  await expect.poll(() => states(other), { timeout: LIMIT_MS }).toEqual(['door live -', `hall live ${owner.host}`]);

  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(LIMIT_MS);
  await page.goto(`${other.url}/`);
  await signIn(page);
  await page.getByText(`on ${owner.host}`).waitFor();
  await expect.poll(() => page.locator('.thumbnail img').count(), { timeout: LIMIT_MS }).toBe(2);
  const panel = page.getByRole('region', { name: 'Hosts' });
  await panel
    .getByText(/^0\.\d+ of 0\.3 units used/)
    .first()
    .waitFor();
  expect(await panel.locator('dt').allTextContents()).toEqual(['left', 'right']);
  await picture(page, 'list');

  await page.getByRole('link', { name: 'hall' }).click();
  await page.waitForURL(`${owner.url}/s/hall`);
  await watchPictures(page);
  await untilMoving(page);
  await picture(page, 'stream');

  // The other host takes it, in place of its own stream, and the page is not loaded anew.
  expect((await call(other, '/api/v1/streams/door', { method: 'DELETE' })).status).toBe(204);
  await clusterCommand(other, 'move', 'hall', other.host);
  await expect.poll(() => ownerOf('hall', other), { timeout: LIMIT_MS }).toBe(other.host);
  await page.waitForTimeout(1500);
  await untilMoving(page);
  console.log(`moved: ${Math.round(await longestGap(page))} ms without a picture`);
  await page.getByText('Live', { exact: true }).first().waitFor();
  await picture(page, 'moved');

  // It ends no connection, as a machine that has lost its power.
  await other.signal('SIGSTOP');
  await expect.poll(() => ownerOf('hall', owner), { timeout: LIMIT_MS }).toBe(owner.host);
  await page.waitForTimeout(1500);
  await untilMoving(page);
  console.log(`stopped: ${Math.round(await longestGap(page))} ms without a picture`);
  await other.signal('SIGCONT');
  const names = async (): Promise<number> => {
    const { hosts: there } = (await (await call(owner, '/api/v1/cluster')).json()) as { hosts: readonly object[] };
    return there.length;
  };
  await expect.poll(names, { timeout: LIMIT_MS }).toBe(2);
  await watchPictures(page);
  await untilMoving(page);

  await owner.kill();
  await expect.poll(() => ownerOf('hall', other), { timeout: LIMIT_MS }).toBe(other.host);
  await page.waitForTimeout(1500);
  await untilMoving(page);
  console.log(`killed: ${Math.round(await longestGap(page))} ms without a picture`);
  await picture(page, 'killed');
  expect(errors).toEqual([]);
}, 180_000);
