import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { MovedTo, ServerMessage } from '#src/shared/signaling/protocol.js';
import { PROTOCOL_VERSION } from '#src/shared/signaling/protocol-constants.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { add, call, LIMIT_MS, untilJoined } from './cluster-pages.js';

const VIEWERS_PER_HOST = 20;
/** Ten more than all hosts should have. */
const CROWD = 70;

let etcd: EtcdServers;
let hosts: readonly ClusterGateway[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  hosts = await Promise.all(
    ['one', 'two', 'three'].map((name) =>
      // Nobody is asked who they are here, but hosts ask each other.
      startClusterGateway(name, etcd.endpoints, { units: 2, viewersPerHost: VIEWERS_PER_HOST }),
    ),
  );
}, 120_000);

afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await Promise.all(hosts.map((host) => host.stop()));
  await etcd.stop();
});

/** Subscribes as a page does, and goes where it is sent. @returns the host that takes it */
async function subscribe(url: string, hops = 0): Promise<string> {
  if (hops > 3) throw new Error('it is sent from host to host');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  sockets.push(socket);
  await once(socket, 'open');
  const answered = new Promise<Extract<ServerMessage, { type: 'response' }>>((resolve) => {
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString('utf8')) as ServerMessage;
      if (message.type === 'response' && message.id === 2) resolve(message);
    });
  });
  socket.send(JSON.stringify({ type: 'hello', id: 1, version: PROTOCOL_VERSION }));
  socket.send(JSON.stringify({ type: 'subscribe', id: 2, streamId: 'hall' }));
  const answer = await answered;
  if (answer.ok) return url;
  socket.close();
  const moved: MovedTo | undefined = answer.error.moved;
  if (!moved) throw new Error(answer.error.message);
  return subscribe(moved.url, hops + 1);
}

/** A crowd comes to one host at once. @returns how many each host takes */
async function crowdAt({ url: at }: ClusterGateway): Promise<number[]> {
  const taken = await Promise.all(Array.from({ length: CROWD }, () => subscribe(at)));
  const counts = hosts.map(({ url }) => taken.filter((each) => each === url).length);
  console.log(`${CROWD} viewers: ${counts.join(', ')}`);
  return counts;
}

/** How many viewers each host says that it has. */
const loads = (): Promise<number[]> =>
  Promise.all(
    hosts.map(async (host) => {
      const { viewers } = (await (await call(host, '/api/v1/cluster/viewers')).json()) as { readonly viewers: number };
      return viewers;
    }),
  );

it('shares a crowd that comes at once as hosts have room, and the rest by turns', async () => {
  const [one] = hosts;
  if (!one) throw new Error('there are no hosts');
  await untilJoined(hosts);
  await add(hosts, one, 'hall');
  const state = async (): Promise<unknown> =>
    ((await (await call(one, '/api/v1/streams/hall')).json()) as { readonly state: string }).state;
  await expect.poll(state, { timeout: LIMIT_MS }).toBe('live');

  let counts = await crowdAt(one);
  // On a busy machine a host may be asked in vain whether it has room.
  for (let again = 0; again < 3 && Math.min(...counts) < VIEWERS_PER_HOST; again++) {
    for (const socket of sockets.splice(0)) socket.terminate();
    const isOver = async (): Promise<number> => Math.max(...(await loads()));
    await expect.poll(isOver, { timeout: LIMIT_MS }).toBe(0);
    counts = await crowdAt(one);
  }
  expect(counts.reduce((sum, count) => sum + count)).toBe(CROWD);
  for (const count of counts) {
    expect(count).toBeGreaterThanOrEqual(VIEWERS_PER_HOST);
    expect(count).toBeLessThanOrEqual(VIEWERS_PER_HOST + 6);
  }
  expect(await loads()).toEqual(counts);

  const body = JSON.stringify({ stream: 'hall', count: 1, mayExceed: true });
  for (const host of hosts) {
    expect((await call(host, '/api/v1/cluster/viewers', { method: 'POST', body })).status).toBe(401);
    const pull = new WebSocket(`${host.url.replace('http', 'ws')}/api/v1/cluster/pipes/hall`);
    const [, refusal] = (await once(pull, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(refusal.statusCode).toBe(401);
  }
}, 120_000);
