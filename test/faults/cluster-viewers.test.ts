import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { clusterCommand, startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import {
  add,
  call,
  hostOf,
  LIMIT_MS,
  listAt,
  longestGap,
  newPage,
  ownerOf,
  picture,
  signIn,
  TOKEN,
  untilJoined,
  untilMoving,
  watchPictures,
} from './cluster-pages.js';

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

const hostNamed = (name: string | undefined): ClusterGateway => hostOf(hosts, name);

it('every host shows all streams, and the page of a stream goes with it from host to host', async () => {
  const [left, right] = hosts;
  if (!left || !right) throw new Error('there are no hosts');
  await untilJoined(hosts);
  await add(hosts, left, 'hall');
  await add(hosts, left, 'door');
  // There is no room for a third one.
  const refused = await call(left, '/api/v1/streams', { method: 'POST', body: JSON.stringify({ id: 'roof' }) });
  expect(refused.status).toBe(503);
  const owner = hostNamed(await ownerOf('hall', left));
  const other = owner === left ? right : left;
  const states = async (host: ClusterGateway): Promise<string[]> =>
    (await listAt(host)).map(({ id, state, host: runs }) => `${id} ${state} ${runs?.host ?? '-'}`).sort();
  await expect.poll(() => states(owner), { timeout: LIMIT_MS }).toEqual([`door live ${other.host}`, 'hall live -']);
  await expect.poll(() => states(other), { timeout: LIMIT_MS }).toEqual(['door live -', `hall live ${owner.host}`]);

  const errors: string[] = [];
  const page = await newPage(browser, errors);
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
