import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import type { StreamView } from '#src/shared/domain/stream-status.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { IDLE_MS, startLink, type Link } from './cluster-links.js';
import { SMALL_STREAM } from './running-gateway.js';

/** How long a busy machine may take for what a quiet one does within 5 s. */
const LIMIT_S = 40;
/** What is on its way when a host is stopped or its lease ends. */
const TTL_MS = 2000;

let etcd: EtcdServers;
let rtmp: RtmpServer;
let relay: Link;
let hosts: ClusterGateway[] = [];

beforeEach(async () => {
  rtmp = await startRtmpServer();
  relay = await startLink(rtmp.port, IDLE_MS);
});

afterEach(async () => {
  for (const host of hosts) await host.signal('SIGCONT').catch(() => undefined);
  await Promise.all(hosts.map((host) => host.stop()));
  hosts = [];
  relay.close();
  await rtmp.stop();
  etcd.signal('SIGCONT');
  await etcd.stop();
});

/** Hosts on an etcd, and a stream that one of them publishes. @returns that host, and the others */
async function startPublishing(
  hostCount: number,
  etcdCount = 1,
): Promise<{ readonly owner: ClusterGateway; readonly others: readonly ClusterGateway[] }> {
  etcd = await startEtcd(etcdCount);
  const names = Array.from({ length: hostCount }, (_, index) => `host-${index}`);
  hosts = await Promise.all(names.map((name) => startClusterGateway(name, etcd.endpoints)));
  const [first] = hosts;
  if (!first) throw new Error('there is no host');
  await until('a lease', () => first.lines().some((line) => line.includes('may run')));
  const body = {
    id: 'camera',
    ...SMALL_STREAM,
    targets: [{ id: 'one', url: `rtmp://127.0.0.1:${relay.port}/live/key` }],
  };
  const response = await fetch(`${first.url}/api/v1/streams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBe(201);
  await untilPublished();
  const owner = await ownerOf(hosts);
  return { owner, others: hosts.filter((host) => host !== owner) };
}

async function ownerOf(asked: readonly ClusterGateway[]): Promise<ClusterGateway> {
  const name = await hostOf(asked[0]);
  const owner = hosts.find(({ host }) => host === name);
  if (!owner) throw new Error(`no host runs the stream: ${String(name)}`);
  return owner;
}

async function hostOf(asked: ClusterGateway | undefined): Promise<string | undefined> {
  const response = await fetch(`${asked?.url ?? ''}/api/v1/cluster`);
  const { streams } = (await response.json()) as { readonly streams: readonly { readonly host?: string }[] };
  return streams[0]?.host;
}

/** Pictures are published by a connection that was not there before. */
async function untilPublished(known = 0): Promise<number> {
  const startMs = performance.now();
  await until('media at the RTMP server', () => relay.passages.slice(known).some(({ bytes }) => bytes > 20_000));
  return performance.now() - startMs;
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + LIMIT_S * 1000;
  while (!(await isTrue())) {
    if (performance.now() > endMs) {
      const said = hosts.map(({ host, lines }) => `${host}:\n${lines().slice(-12).join('\n')}`).join('\n');
      throw new Error(`no ${what} within ${LIMIT_S} s\n${said}\n${JSON.stringify(relay.passages)}`);
    }
    await delay(50);
  }
}

/** No byte of a connection passed after the first one of the next. */
function expectOneAtATime(): void {
  for (const [index, passage] of relay.passages.entries()) {
    const next = relay.passages[index + 1];
    if (next) expect(passage.lastMs, JSON.stringify(relay.passages)).toBeLessThanOrEqual(next.firstMs);
  }
}

async function viewAt({ url }: ClusterGateway): Promise<StreamView> {
  return (await (await fetch(`${url}/api/v1/streams/camera`)).json()) as StreamView;
}

describe('hosts that share streams', () => {
  it('go on from another host when one is killed, and never publish twice', async () => {
    const { owner, others } = await startPublishing(2);
    const known = relay.passages.length;

    await owner.kill();
    const backMs = await untilPublished(known);

    console.log(`killed: published again after ${Math.round(backMs)} ms`);
    expect(await hostOf(others[0])).toBe(others[0]?.host);
    expectOneAtATime();
  });

  it('let a host that was stopped for 10 s write nothing more, although its connection is there', async () => {
    const { owner, others } = await startPublishing(2);
    const known = relay.passages.length;

    await owner.signal('SIGSTOP');
    const backMs = await untilPublished(known);
    await delay(Math.max(0, 10_000 - backMs));
    await owner.signal('SIGCONT');
    await until('loss of the lease', () => owner.lines().some((line) => line.includes('has ended; its streams end')));
    await delay(3000);

    console.log(`stopped: published again after ${Math.round(backMs)} ms`);
    expect(await hostOf(others[0])).toBe(others[0]?.host);
    expectOneAtATime();
    const answer = await fetch(`${owner.url}/api/v1/streams/camera`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([307, `${others[0]?.url}/api/v1/streams/camera`]);
  });

  it('stop to publish while etcd is away, keep the picture for viewers, and go on by themselves', async () => {
    const { owner } = await startPublishing(1);
    const known = relay.passages.length;

    etcd.signal('SIGSTOP');
    const stoppedMs = performance.now();
    await until('end of publishing', async () => {
      const [target] = (await viewAt(owner)).targets;
      return target?.error?.code === 'DIPTYCH_E_FENCED';
    });
    const { state } = await viewAt(owner);
    const lastMs = relay.passages[known - 1]?.lastMs ?? 0;
    etcd.signal('SIGCONT');
    await untilPublished(known);

    expect(state).toBe('live');
    expect(lastMs - stoppedMs).toBeLessThan(TTL_MS);
    expectOneAtATime();
  });

  // An election that takes longer than the lease ends output, as it must: on a busy machine that happens now and then.
  it('publish on while etcd changes its leader', { retry: 2 }, async () => {
    const { owner } = await startPublishing(1, 3);
    const known = relay.passages.length;
    const before = relay.passages.at(-1)?.bytes ?? 0;

    await etcd.killLeader();
    await delay(6000);

    const [target] = (await viewAt(owner)).targets;
    expect(target?.state).toBe('live');
    expect(relay.passages.length).toBe(known);
    expect(relay.passages.at(-1)?.bytes).toBeGreaterThan(before);
  });

  it('give a stream back at once when a gateway is stopped in order', async () => {
    const { owner, others } = await startPublishing(2);
    const known = relay.passages.length;

    await owner.stop();
    const backMs = await untilPublished(known);

    console.log(`stopped in order: published again after ${Math.round(backMs)} ms`);
    expect(await hostOf(others[0])).toBe(others[0]?.host);
    expectOneAtATime();
  });
});
