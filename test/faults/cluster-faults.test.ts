import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { freeUdpPort } from '../integration/stream/stages/ingest/srt-sender.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { sendSignal } from '../send-signal.js';
import { clusterAt, everythingWritten, historyProblems, overlaps } from './cluster-history.js';
import { clusterCommand, startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { IDLE_MS, startLink, startSrtLink, type Link } from './cluster-links.js';
import { SMALL_STREAM } from './running-gateway.js';
import { shiftedClock } from './shifted-clock.js';
import { SrtListener } from './srt-listener.js';

/** How long a busy machine may take for what a quiet one does within 5 s. */
const LIMIT_S = 40;
const ID = 'camera';
/** The wall clock of this one is an hour ahead. */
const AHEAD = 'host-2';
const AHEAD_S = 3600;
const BLOCKED_MS = 5000;
const BLOCK = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${BLOCKED_MS}));`;

/** A host, and its ways to the members of etcd. */
interface LinkedHost {
  readonly name: string;
  readonly links: readonly Link[];
  gateway: ClusterGateway;
}

let folder: string;
let etcd: EtcdServers;
let rtmp: RtmpServer;
let relay: Link;
let listener: SrtListener;
let srt: Awaited<ReturnType<typeof startSrtLink>>;
let ahead: Readonly<Record<string, string>>;
const hosts: LinkedHost[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-faults-'));
  ahead = await shiftedClock(AHEAD_S, folder);
  [etcd, rtmp] = await Promise.all([startEtcd(3), startRtmpServer()]);
  relay = await startLink(rtmp.port, IDLE_MS);
  const srtPort = await freeUdpPort();
  listener = new SrtListener(srtPort, folder);
  srt = await startSrtLink(srtPort);
  await Promise.all(
    ['host-0', 'host-1', AHEAD].map(async (name, index) => {
      const links = await Promise.all(etcd.endpoints.map((url) => startLink(Number(new URL(url).port))));
      hosts[index] = { name, links, gateway: await startGateway(name, links) };
    }),
  );
  const [first] = hosts;
  if (!first) throw new Error('there is no host');
  await until('three hosts', async () => (await clusterAt(first.gateway)).hosts.length === 3);
  const targets = [
    { id: 'rtmp', url: `rtmp://127.0.0.1:${relay.port}/live/key` },
    { id: 'srt', url: `srt://127.0.0.1:${srt.port}` },
  ];
  const response = await fetch(`${first.gateway.url}/api/v1/streams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: ID, ...SMALL_STREAM, targets }),
  });
  expect(response.status, await response.clone().text()).toBe(201);
  await untilPublished();
}, 180_000);

afterEach(() => {
  relay.heal();
  hosts.forEach(healToEtcd);
});

afterAll(async () => {
  await Promise.all(hosts.map(({ gateway }) => gateway.stop()));
  for (const { links } of hosts) for (const link of links) link.close();
  relay.close();
  await listener.stop();
  srt.close();
  await rtmp.stop();
  await etcd.stop();
  await rm(folder, { recursive: true, force: true });
});

function startGateway(name: string, links: readonly Link[]): Promise<ClusterGateway> {
  const endpoints = links.map(({ port }) => `http://127.0.0.1:${port}`);
  const block = `data:text/javascript,${encodeURIComponent(BLOCK)}`;
  const environment = { NODE_OPTIONS: `--import=${block}`, ...(name === AHEAD && ahead) };
  return startClusterGateway(name, endpoints, {}, {}, environment);
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + LIMIT_S * 1000;
  while (!(await Promise.resolve(isTrue()).catch(() => false))) {
    if (performance.now() > endMs) {
      const said = hosts.map(({ name, gateway }) => `${name}:\n${gateway.lines().slice(-12).join('\n')}`).join('\n');
      throw new Error(`no ${what} within ${LIMIT_S} s\n${said}\n${JSON.stringify([relay.passages, srt.passages])}`);
    }
    await delay(30);
  }
}

const hasMedia = (passages: Link['passages'], known: number, bytes: number): boolean =>
  passages.slice(known).some((passage) => passage.bytes > bytes);

/** Both targets get pictures by connections that were not there before. @returns ms until RTMP did */
async function untilPublished(knownRtmp = 0, knownSrt = 0): Promise<number> {
  const startMs = performance.now();
  await until('media by RTMP', () => hasMedia(relay.passages, knownRtmp, 20_000));
  const backMs = performance.now() - startMs;
  await until('media by SRT', () => hasMedia(srt.passages, knownSrt, 20_000));
  return backMs;
}

function hostNamed(name: string | undefined): LinkedHost {
  const host = hosts.find((each) => each.name === name);
  if (!host) throw new Error(`no host runs the stream: ${String(name)}`);
  return host;
}

/** Who has the stream, as a host says that is certain to know. */
async function claimAt({ gateway }: LinkedHost): Promise<{ readonly host?: string; readonly epoch?: number }> {
  return (await clusterAt(gateway)).streams.find(({ id }) => id === ID) ?? {};
}

/** Runs a fault against the host that has the stream. */
async function against(
  fault: (owner: LinkedHost, other: LinkedHost) => Promise<unknown>,
): Promise<{ readonly owner: LinkedHost; readonly other: LinkedHost; readonly known: readonly [number, number] }> {
  const [first] = hosts;
  if (!first) throw new Error('there is no host');
  await until('an owner', async () => (await claimAt(first)).host !== undefined);
  const owner = hostNamed((await claimAt(first)).host);
  const other = hosts.find((host) => host !== owner) ?? first;
  const known = [relay.passages.length, srt.passages.length] as const;
  await fault(owner, other);
  return { owner, other, known };
}

const cutFromEtcd = ({ links }: LinkedHost): void => links.forEach((link) => link.cut());
const healToEtcd = ({ links }: LinkedHost): void => links.forEach((link) => link.heal());

/** The stream is published by another host; that one is healthy again afterwards. */
async function expectTakenOver(
  what: string,
  fault: (owner: LinkedHost) => Promise<unknown>,
  undo: (owner: LinkedHost) => unknown,
): Promise<void> {
  const { owner, other, known } = await against(fault);
  const backMs = await untilPublished(...known);
  const { host } = await claimAt(other);
  await undo(owner);
  await until('three hosts', async () => (await clusterAt(other.gateway)).hosts.length === 3);
  // What waited on the way arrives now.
  await delay(500);

  console.log(`${what}: published again after ${Math.round(backMs)} ms`);
  expect(host).not.toBe(owner.name);
  expect(overlaps(relay.passages)).toEqual([]);
  expect(overlaps(srt.passages)).toEqual([]);
}

/** The same host goes on with the same connections. */
async function expectUndisturbed(fault: (owner: LinkedHost, other: LinkedHost) => Promise<unknown>): Promise<void> {
  const [first] = hosts;
  const before = first && (await claimAt(first));
  const bytes = relay.passages.at(-1)?.bytes ?? 0;
  const { other, known } = await against(fault);
  await until('more bytes', () => (relay.passages.at(-1)?.bytes ?? 0) > bytes + 20_000);

  expect(await claimAt(other)).toEqual(before);
  expect([relay.passages.length, srt.passages.length]).toEqual(known);
}

async function restart(host: LinkedHost): Promise<void> {
  await host.gateway.stop();
  host.gateway = await startGateway(host.name, host.links);
}

describe('three hosts on three members of etcd', () => {
  it('go on as they are while the event loop of a gateway is blocked for 5 s', async () => {
    await expectUndisturbed(async ({ gateway }) => {
      const answers = (): Promise<boolean> =>
        Promise.race([fetch(`${gateway.url}/healthz`).then(({ ok }) => ok), delay(BLOCKED_MS / 3).then(() => false)]);
      sendSignal(gateway.pid, 'SIGUSR2');
      await until('a blocked loop', async () => !(await answers()));
      await until('an answer', answers);
    });
  }, 60_000);

  it('go on as they are where etcd is 200 ms away', async () => {
    await expectUndisturbed(async ({ links }) => {
      for (const link of links) link.delayMs = 100;
      await delay(4000);
      for (const link of links) link.delayMs = 0;
    });
  }, 60_000);

  it('publish again when the way to the servers is back, by the same host', async () => {
    const before = await against(() => Promise.resolve());
    const claim = await claimAt(before.other);

    relay.cut();
    // The server forgets the publisher, who does not know that.
    await delay(2 * IDLE_MS);
    relay.heal();
    await until('media by RTMP', () => hasMedia(relay.passages, before.known[0], 20_000));

    expect(await claimAt(before.other)).toEqual(claim);
    expect(overlaps(relay.passages)).toEqual([]);
  }, 90_000);

  it('take a stream over from a host that does not reach etcd', async () => {
    await expectTakenOver('cut off from etcd', (owner) => Promise.resolve(cutFromEtcd(owner)), healToEtcd);
  }, 90_000);

  it('take it over from one that reaches neither etcd nor the server, and hear nothing of it later', async () => {
    const cut = (owner: LinkedHost): Promise<void> => {
      cutFromEtcd(owner);
      relay.cut(false);
      return Promise.resolve();
    };
    const heal = (owner: LinkedHost): void => {
      relay.heal();
      healToEtcd(owner);
    };
    await expectTakenOver('cut off from both', cut, heal);
  }, 90_000);

  it('take it over when its host and the leader of etcd are killed at once', async () => {
    const kill = ({ gateway }: LinkedHost): Promise<unknown> => Promise.all([gateway.kill(), etcd.killLeader()]);
    await expectTakenOver('killed with the leader of etcd', kill, async (owner) => {
      await etcd.revive();
      await restart(owner);
    });
  }, 120_000);

  it('take it over from a host whose clock is an hour ahead', async () => {
    const aheadHost = hostNamed(AHEAD);
    const [other] = hosts;
    if (!other) throw new Error('there is no host');
    await clusterCommand(other.gateway, 'move', ID, AHEAD);
    await until('the move', async () => (await claimAt(other)).host === AHEAD);
    const date = Date.parse((await fetch(`${aheadHost.gateway.url}/healthz`)).headers.get('date') ?? '');
    expect(date - Date.now()).toBeGreaterThan((AHEAD_S - 60) * 1000);
    await until('media', () => (relay.passages.at(-1)?.bytes ?? 0) > 20_000);

    await expectTakenOver('an hour ahead, killed', ({ gateway }) => gateway.kill(), restart);
  }, 90_000);

  it('go on after all of them, and all members of etcd, were killed at once', async () => {
    const { known } = await against(async () => {
      await Promise.all([...hosts.map(({ gateway }) => gateway.kill()), etcd.kill()]);
      await etcd.revive();
      await Promise.all(hosts.map(restart));
    });
    const backMs = await untilPublished(...known);

    console.log(`all killed: published again ${Math.round(backMs)} ms after the last gateway was up`);
    expect(overlaps(relay.passages)).toEqual([]);
  }, 120_000);

  it('leave a history in which each claim and each state is of one host, and pictures that decode', async () => {
    const changes = await everythingWritten(etcd.endpoints);
    const claims = changes.filter(({ key, now }) => key === `claims/${ID}` && now);
    const files = await rtmp.recordings('key');
    const decoded = await Promise.all(files.map(picturesIn));

    expect(historyProblems(changes, ID)).toEqual([]);
    expect(claims.length).toBeGreaterThan(5);
    expect(overlaps(srt.passages)).toEqual([]);
    expect(files.length).toBeGreaterThan(5);
    expect(Math.min(...decoded)).toBeGreaterThan(0);
  }, 60_000);
});

/** Pictures of a file that decode. */
async function picturesIn(file: string): Promise<number> {
  const wanted = ['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', ...wanted, '-of', 'csv=p=0', file]);
  return Number(stdout.trim());
}
