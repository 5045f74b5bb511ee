import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { sendSignal } from '../send-signal.js';
import { clusterCommand, startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import {
  add,
  call,
  hostOf,
  LIMIT_MS,
  longestGap,
  mediaPortOf,
  newPage,
  ownerOf,
  picture,
  playByWhep,
  signIn,
  soundPackets,
  spy,
  TOKEN,
  untilJoined,
  untilMoving,
  watchPictures,
} from './cluster-pages.js';
import { nextMediaWorker } from './viewers.js';

/** Each host sends to one viewer; three hosts, so that there are two edges. */
const VIEWERS_PER_HOST = 1;

let etcd: EtcdServers;
let browser: Browser;
let hosts: ClusterGateway[] = [];
const errors: string[] = [];
const pages: Page[] = [];

const start = (name: string, more: object = {}): Promise<ClusterGateway> =>
  startClusterGateway(
    name,
    etcd.endpoints,
    { units: 2, viewersPerHost: VIEWERS_PER_HOST, ...more },
    { access: { token: TOKEN } },
  );

beforeAll(async () => {
  etcd = await startEtcd();
  hosts = await Promise.all(['one', 'two', 'three'].map((name) => start(name)));
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await Promise.all(hosts.map((host) => host.stop()));
  await etcd.stop();
});

const hostNamed = (name: string | undefined): ClusterGateway => hostOf(hosts, name);

/** By the port of media. */
function hostsByPort(): ReadonlyMap<number, string> {
  const found = hosts.map((host): [number, string] => {
    const line = host.lines().find((text) => text.includes('"gateway is up"')) ?? '{}';
    return [(JSON.parse(line) as { readonly mediaPort: number }).mediaPort, host.host];
  });
  return new Map(found);
}

/** Which host sends to each page. */
async function senders(): Promise<string[]> {
  const ports = hostsByPort();
  return Promise.all(pages.map(async (page) => ports.get(await mediaPortOf(page)) ?? 'nobody'));
}

const viewAt = async (host: ClusterGateway, id: string): Promise<StreamView> =>
  (await (await call(host, `/api/v1/streams/${id}`)).json()) as StreamView;

async function watch(host: ClusterGateway): Promise<Page> {
  const page = await newPage(browser, errors);
  pages.push(page);
  await page.addInitScript(spy);
  await page.goto(`${host.url}/s/hall`);
  await signIn(page);
  await page.locator('video').first().waitFor({ state: 'attached' });
  await watchPictures(page);
  await untilMoving(page);
  return page;
}

/** Loads a page again: it is placed anew. */
async function watchAgain(page: Page): Promise<void> {
  await page.reload();
  await page.locator('video').first().waitFor({ state: 'attached' });
  await watchPictures(page);
  await untilMoving(page);
}

/**
 * Each page is sent its media by a host of its own. On a busy machine a host may be asked in vain whether it has room;
 * then another has more than it should, until somebody comes again.
 */
async function untilSpread(): Promise<void> {
  const spread = async (): Promise<number> => {
    const names = await senders();
    const second = pages[names.findIndex((name, index) => names.indexOf(name) < index)];
    if (second) await watchAgain(second);
    return new Set(names).size;
  };
  await expect.poll(spread, { timeout: 2 * LIMIT_MS, interval: 1000 }).toBe(pages.length);
}

/** All pages show pictures that move, for a second and a half. */
async function allPlay(what: string): Promise<void> {
  await delay(1500);
  await Promise.all(pages.map(untilMoving));
  const gaps = await Promise.all(pages.map(longestGap));
  console.log(`${what}: ${gaps.map(Math.round).join(', ')} ms without a picture; from ${(await senders()).join(', ')}`);
  await Promise.all(pages.map(watchPictures));
  // Whatever comes next is seen as a gap after these pictures.
  await Promise.all(pages.map(untilMoving));
}

/** Holds a shot. @returns the address that it was asked of */
async function hold(page: Page, shot: string): Promise<string> {
  const asked = page.waitForResponse(
    (response) => response.url().endsWith('/shot') && response.request().method() === 'POST',
  );
  await page.getByRole('region', { name: 'Shot' }).getByRole('button', { name: shot, exact: true }).click();
  expect((await asked).status()).toBe(204);
  return (await asked).url();
}

it('sends further viewers theirs from other hosts, whatever happens to hosts', async () => {
  const [one] = hosts;
  if (!one) throw new Error('there are no hosts');
  await untilJoined(hosts);
  await add(hosts, one, 'hall');
  await expect.poll(() => ownerOf('hall', one), { timeout: LIMIT_MS }).toBeDefined();
  const owner = hostNamed(await ownerOf('hall', one));
  const others = hosts.filter((host) => host !== owner).map(({ host }) => host);
  await expect.poll(async () => (await viewAt(owner, 'hall')).state, { timeout: LIMIT_MS }).toBe('live');

  // Wherever they come, the host that runs it sends to the first, and each of the others to one.
  for (const host of [owner, ...hosts.filter((each) => each !== owner)]) await watch(host);
  await untilSpread();
  const edges = async (): Promise<string[]> => {
    const { viewers, edges = [] } = await viewAt(owner, 'hall');
    return [String(viewers), ...edges.map((edge) => `${edge.host} ${edge.viewers}`)];
  };
  await expect.poll(edges, { timeout: LIMIT_MS }).toEqual(['3', ...others.map((name) => `${name} 1`).sort()]);
  const list = await newPage(browser, errors);
  await list.goto(`${owner.url}/`);
  await signIn(list);
  for (const name of others) await list.getByText(`1 from ${name}`).waitFor();
  await picture(list, 'edges');
  await list.close();
  const metrics = await Promise.all(hosts.map(async (host) => (await call(host, '/metrics')).text()));
  for (const [index, text] of metrics.entries()) {
    const { host } = hosts[index] ?? {};
    const own = 'diptych_viewers{stream="hall"} 1';
    const pulled = `diptych_cluster_edge_viewers{host="${host}",stream="hall"} 1`;
    expect(text).toContain(host === owner.host ? own : pulled);
    if (host === owner.host) expect(text).toContain(`diptych_cluster_pipes{host="${host}"} 2`);
  }
  // What is drawn over the picture is of the same picture.
  for (const page of pages) {
    const matched = await page.evaluate(() => {
      const { stamps, overlays } = globalThis as unknown as { stamps: number[]; overlays: Set<number> };
      return stamps.filter((stamp) => overlays.has(stamp)).length / stamps.length;
    });
    expect(matched).toBeGreaterThan(0.7);
  }
  await allPlay('begun');
  // A command goes to the host that runs the stream, also from a page that is sent its media by another one.
  const served = pages[(await senders()).findIndex((name) => name !== owner.host)];
  if (!served) throw new Error('no page is at an edge');
  expect(await hold(served, 'Wide')).toContain(owner.url);
  await served.getByText('Wide: chosen by hand', { exact: true }).waitFor();
  await picture(served, 'edge');

  expect((await call(owner, '/api/v1/streams/hall/restart', { method: 'POST' })).status).toBe(202);
  await allPlay('stream restarted');

  sendSignal(await nextMediaWorker(owner.pid), 'SIGKILL');
  await allPlay("owner's media worker killed");

  const [edge, next] = hosts.filter((host) => host !== owner);
  if (!edge || !next) throw new Error('there are no edges');
  sendSignal(await nextMediaWorker(edge.pid), 'SIGKILL');
  await allPlay("an edge's media worker killed");

  // One page from each host, wherever the stream is.
  await clusterCommand(next, 'move', 'hall', next.host);
  await expect.poll(() => ownerOf('hall', next), { timeout: LIMIT_MS }).toBe(next.host);
  await delay(3500);
  await allPlay('moved to an edge');
  await untilSpread();
  await expect.poll(async () => (await viewAt(next, 'hall')).viewers, { timeout: LIMIT_MS }).toBe(3);

  await clusterCommand(next, 'drain', edge.host);
  await expect.poll(senders, { timeout: LIMIT_MS }).not.toContain(edge.host);
  await allPlay('an edge drained');
  await clusterCommand(next, 'undrain', edge.host);
}, 240_000);

it('goes on when hosts die', async () => {
  const [any] = hosts;
  if (!any) throw new Error('there are no hosts');
  const owner = hostNamed(await ownerOf('hall', any));
  const [edge] = hosts.filter((host) => host !== owner);
  if (!edge) throw new Error('there is no edge');
  // Those that it sends to go to others.
  await edge.kill();
  hosts = hosts.filter((host) => host !== edge);
  await allPlay('an edge killed');
  expect(await senders()).not.toContain(edge.host);
  // Pages that were loaded from it are let in as before, also once the others know that it has gone.
  const known = async (): Promise<readonly object[]> =>
    ((await (await call(owner, '/api/v1/cluster')).json()) as { readonly hosts: readonly object[] }).hosts;
  await expect.poll(known, { timeout: LIMIT_MS }).toHaveLength(2);
  for (const page of pages) await hold(page, 'Split');
  expect(new Set(pages.map((page) => new URL(page.url()).origin))).toContain(edge.url);
  hosts.push(await start(edge.host, { port: Number(new URL(edge.url).port) }));
  await untilJoined(hosts);

  // One that hangs ends no connection, as a machine does that has lost its power.
  const hung = hostNamed((await senders()).find((name) => name !== owner.host));
  await hung.signal('SIGSTOP');
  await delay(3000);
  await allPlay('an edge hung');
  expect(await senders()).not.toContain(hung.host);
  await hung.signal('SIGCONT');
  await expect.poll(known, { timeout: LIMIT_MS }).toHaveLength(3);

  await owner.kill();
  hosts = hosts.filter((host) => host !== owner);
  const [left] = hosts;
  if (!left) throw new Error('no host is left');
  await expect.poll(() => ownerOf('hall', left), { timeout: LIMIT_MS }).not.toBe(owner.host);
  await expect.poll(() => ownerOf('hall', left), { timeout: LIMIT_MS }).toBeDefined();
  await allPlay('the owner killed');
}, 240_000);

it('pulls for players, no longer than there are any, and nothing of what was deleted', async () => {
  const [any] = hosts;
  if (!any) throw new Error('there are no hosts');
  const owner = hostNamed(await ownerOf('hall', any));
  const served = pages.pop();
  await Promise.all(pages.splice(0).map((page) => page.close()));
  if (!served) throw new Error('no page is left');
  pages.push(served);
  const edgesOf = async (): Promise<number> => (await viewAt(owner, 'hall')).edges?.length ?? 0;
  await expect.poll(async () => (await viewAt(owner, 'hall')).viewers, { timeout: LIMIT_MS }).toBe(1);
  await watchAgain(served);
  await expect.poll(edgesOf, { timeout: LIMIT_MS }).toBe(0);
  expect(await senders()).toEqual([owner.host]);

  const player = await newPage(browser, errors);
  await player.addInitScript(spy);
  await player.goto(`${owner.url}/`);
  await player.evaluate(playByWhep, `${owner.url}/whep/hall?token=${TOKEN}`);
  await watchPictures(player);
  await untilMoving(player);
  expect(await mediaPortOf(player)).not.toBe(await mediaPortOf(served));
  await expect.poll(edgesOf, { timeout: LIMIT_MS }).toBe(1);
  await expect.poll(() => soundPackets(player), { timeout: LIMIT_MS }).toBeGreaterThan(50);
  await player.close();
  await expect.poll(edgesOf, { timeout: LIMIT_MS }).toBe(0);

  const second = await watch(owner);
  await untilSpread();
  await expect.poll(edgesOf, { timeout: LIMIT_MS }).toBe(1);
  expect((await call(owner, '/api/v1/streams/hall', { method: 'DELETE' })).status).toBe(204);
  await second.getByText('This stream was ended.').first().waitFor();
  const pullsAt = async (host: ClusterGateway): Promise<unknown> =>
    (await call(host, '/api/v1/cluster/viewers')).json();
  const pulls = (): Promise<unknown[]> => Promise.all(hosts.map(pullsAt));
  await expect.poll(pulls, { timeout: LIMIT_MS }).toMatchObject(hosts.map(() => ({ pulls: [] })));
  expect(errors).toEqual([]);
}, 240_000);
