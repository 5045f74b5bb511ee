import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '#src/bench/nginx-rtmp.adapter.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import {
  add,
  call,
  LIMIT_MS,
  longestGap,
  newPage,
  signIn,
  spy,
  TOKEN,
  untilJoined,
  untilMoving,
  watchPictures,
} from './cluster-pages.js';
import { PipeProxy } from './pipe-proxy.js';

let etcd: EtcdServers;
let browser: Browser;
let proxy: PipeProxy;
let hosts: ClusterGateway[] = [];
const errors: string[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  const port = await freePort();
  proxy = await PipeProxy.open(port);
  const settings = { access: { token: TOKEN }, limits: { viewers: 1 } };
  const options = { units: 2, viewersPerHost: 1 };
  hosts = await Promise.all([
    startClusterGateway('near', etcd.endpoints, { ...options, port, url: proxy.url }, settings),
    startClusterGateway('far', etcd.endpoints, options, settings),
  ]);
  browser = await launchChromium();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await Promise.all(hosts.map((host) => host.stop()));
  proxy.close();
  await etcd.stop();
});

async function open(url: string): Promise<Page> {
  const page = await newPage(browser, errors);
  await page.addInitScript(spy);
  await page.goto(url);
  await signIn(page);
  await page.locator('.player').first().waitFor();
  return page;
}

/** Video that a page has received. */
interface Received {
  readonly packets: number;
  readonly lost: number;
  readonly frames: number;
  readonly keyframeRequests: number;
}

const received = (page: Page): Promise<Received> =>
  page.evaluate(async () => {
    const { connections } = globalThis as unknown as { connections: RTCPeerConnection[] };
    const sum = { packets: 0, lost: 0, frames: 0, keyframeRequests: 0 };
    for (const entry of [...((await connections.at(-1)?.getStats()) ?? [])].map(([, each]) => each as never)) {
      const { type, kind, packetsReceived, packetsLost, framesDecoded, pliCount } = entry as Record<
        string,
        number | string
      >;
      if (type !== 'inbound-rtp' || kind !== 'video') continue;
      sum.packets += Number(packetsReceived);
      sum.lost += Number(packetsLost);
      sum.frames += Number(framesDecoded);
      sum.keyframeRequests += Number(pliCount);
    }
    return sum;
  });

/** Keyframes that were asked of the encoder. */
async function keyframeRequests(host: ClusterGateway): Promise<number> {
  const text = await (await call(host, '/metrics')).text();
  return Number(/^diptych_keyframe_requests_total\{stream="hall"\} (\d+)$/m.exec(text)?.[1]);
}

it('repairs what is lost between hosts, lets nobody else pull, and says when nobody has room', async () => {
  const [near, far] = hosts;
  if (!near || !far) throw new Error('there are no hosts');
  await untilJoined(hosts);
  await add([near], near, 'hall');
  const state = async (): Promise<unknown> =>
    ((await (await call(near, '/api/v1/streams/hall')).json()) as { readonly state: string }).state;
  await expect.poll(state, { timeout: LIMIT_MS }).toBe('live');

  const first = await open(`${proxy.url}/s/hall`);
  await watchPictures(first);
  await untilMoving(first);
  const asked = await keyframeRequests(near);
  const second = await open(`${proxy.url}/s/hall`);
  await watchPictures(second);
  await untilMoving(second);
  const viewers = async (): Promise<unknown> => (await call(near, '/api/v1/streams/hall')).json();
  await expect.poll(viewers, { timeout: LIMIT_MS }).toMatchObject({ viewers: 2, edges: [{ host: 'far', viewers: 1 }] });

  // The encoder hears of a viewer at an edge who has no picture yet.
  expect(await keyframeRequests(near)).toBeGreaterThan(asked);

  // One packet in twelve is lost between the hosts; the browser is sent all of them.
  const during = async (forMs: number): Promise<Received> => {
    const before = await received(second);
    await watchPictures(second);
    await delay(forMs);
    const after = await received(second);
    const names = ['packets', 'lost', 'frames', 'keyframeRequests'] as const;
    const difference = Object.fromEntries(
      names.map((name) => [name, after[name] - before[name]]),
    ) as unknown as Received;
    console.log(`gap ${Math.round(await longestGap(second))} ms: ${JSON.stringify(difference)}`);
    return difference;
  };
  await during(5000);
  proxy.lossRatio = 1 / 12;
  const difference = await during(10_000);
  proxy.lossRatio = 0;
  console.log(`${proxy.lost} packets were lost between the hosts`);
  expect(proxy.lost).toBeGreaterThan(10);
  expect(difference.lost).toBeLessThan(proxy.lost / 5);
  expect(difference.frames).toBeGreaterThan(60);

  // There is room for one viewer at each host, and no more.
  const third = await open(`${proxy.url}/s/hall`);
  await third.getByText('The picture cannot be played').first().waitFor();
  await third.getByText('limits.viewers').first().waitFor();

  // Nobody but hosts has a place kept, or pulls; nobody learns how many there are who may only watch.
  const wish = await call(far, '/api/v1/cluster/viewers', {
    ...{ method: 'POST', body: JSON.stringify({ stream: 'hall', count: 1, mayExceed: true }) },
  });
  expect(wish.status).toBe(401);
  const pull = new WebSocket(`${near.url.replace('http', 'ws')}/api/v1/cluster/pipes/hall`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const [, refusal] = (await once(pull, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(refusal.statusCode).toBe(401);
  expect((await fetch(`${far.url}/api/v1/cluster/viewers`)).status).toBe(401);
  expect(errors).toEqual([]);
}, 180_000);
