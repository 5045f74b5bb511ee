import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import WebSocket from 'ws';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import type { ServerMessage } from '#src/shared/signaling/protocol.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { clusterCommand, startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { IDLE_MS, startLink, type Link } from './cluster-links.js';
import { SMALL_STREAM } from './running-gateway.js';

const LIMIT_MS = 60_000;

let etcd: EtcdServers;
let rtmp: RtmpServer;
let relay: Link;
let hosts: readonly ClusterGateway[] = [];
/** When each picture was told of, ms. */
const pictures: number[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  rtmp = await startRtmpServer();
  relay = await startLink(rtmp.port, IDLE_MS);
  hosts = await Promise.all(
    ['left', 'right'].map((name) => startClusterGateway(name, etcd.endpoints, { drainOnTerm: true })),
  );
}, 120_000);

afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await Promise.all(hosts.map((host) => host.stop()));
  relay.close();
  await rtmp.stop();
  await etcd.stop();
});

/** A client of the WebSocket that goes where it is sent, as the page does. */
function watch({ url }: { readonly url: string }): void {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`);
  sockets.push(socket);
  let hasMoved = false;
  const goTo = (to: { readonly url: string } | undefined): void => {
    if (!to || hasMoved) return;
    hasMoved = true;
    watch(to);
  };
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'hello', id: 1, version: 2 }));
    socket.send(JSON.stringify({ type: 'subscribe', id: 2, streamId: 'camera' }));
  });
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString('utf8')) as ServerMessage;
    if (message.type === 'overlay') pictures.push(performance.now());
    if (message.type === 'moved') goTo(message.to);
    if (message.type === 'response' && !message.ok) goTo(message.error.moved);
  });
}

const longestGap = (): number =>
  Math.max(0, ...pictures.slice(1).map((atMs, index) => atMs - (pictures[index] ?? atMs)));

async function ownerAt({ url }: ClusterGateway): Promise<string | undefined> {
  const { streams } = (await (await fetch(`${url}/api/v1/cluster`)).json()) as {
    readonly streams: readonly { readonly host?: string }[];
  };
  return streams[0]?.host;
}

/** Pictures go to the RTMP server by another connection, begun where the one before had ended. */
async function untilPublishedBy(host: ClusterGateway, known: number): Promise<number> {
  await expect.poll(() => ownerAt(host), { timeout: LIMIT_MS }).toBe(host.host);
  await expect
    .poll(() => relay.passages.slice(known).some(({ bytes }) => bytes > 20_000), { timeout: LIMIT_MS })
    .toBe(true);
  const [before, after] = [relay.passages[known - 1], relay.passages[known]];
  expect(relay.passages.length).toBe(known + 1);
  expect(before?.lastMs ?? Infinity).toBeLessThanOrEqual(after?.firstMs ?? 0);
  return (after?.firstMs ?? 0) - (before?.lastMs ?? 0);
}

it('a stream goes to another host by hand, by a drain and when its host is stopped, without a gap and without two publishers', async () => {
  const [left, right] = hosts;
  if (!left || !right) throw new Error('there are no hosts');
  for (const host of hosts) {
    await expect.poll(() => host.lines().some((line) => line.includes('may run')), { timeout: LIMIT_MS }).toBe(true);
  }
  const targets = [{ id: 'one', url: `rtmp://127.0.0.1:${relay.port}/live/key` }];
  const body = JSON.stringify({ id: 'camera', ...SMALL_STREAM, targets });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${left.url}/api/v1/streams`, { method: 'POST', headers, body })).status).toBe(201);
  await expect.poll(() => relay.passages.some(({ bytes }) => bytes > 20_000), { timeout: LIMIT_MS }).toBe(true);
  const first = (await ownerAt(left)) === 'left' ? left : right;
  const second = first === left ? right : left;
  watch(second);
  await expect.poll(() => pictures.length, { timeout: LIMIT_MS }).toBeGreaterThan(20);

  const ways: readonly (readonly [string, ClusterGateway, () => Promise<unknown>])[] = [
    ['moved by hand', second, () => clusterCommand(left, 'move', 'camera', second.host)],
    ['drained', first, () => clusterCommand(left, 'drain', second.host)],
    ['stopped with drainOnTerm', second, () => Promise.resolve(void first.stop())],
  ];
  for (const [what, to, go] of ways) {
    const known = relay.passages.length;
    pictures.splice(0, pictures.length - 1);
    await go();
    const rtmpMs = await untilPublishedBy(to, known);
    if (what === 'drained') {
      expect((await fetch(`${second.url}/readyz`)).status).toBe(503);
      await clusterCommand(left, 'undrain', second.host);
    }
    // The former host ends it three seconds later.
    await delay(4000);
    console.log(`${what}: ${Math.round(longestGap())} ms without a picture, ${Math.round(rtmpMs)} ms without RTMP`);
    expect(performance.now() - (pictures.at(-1) ?? 0)).toBeLessThan(3000);
  }
}, 240_000);
