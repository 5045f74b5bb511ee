import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { TargetSupervisor } from '#src/stream/supervision/target-supervisor.adapter.js';
import { startProgram, type EncodedProgram } from '../integration/stream/stages/publish/encoded-program.js';
import { startScriptedRtmpServer, type Publishing, type ScriptedRtmpServer } from './scripted-rtmp-server.js';

let program: EncodedProgram;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  program = await startProgram({ bitrateKbps: 1000 });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(() => program.close());

/** Between a publisher and its server; does to the connections what a network does. */
interface Network {
  readonly port: number;
  /** Ends all connections, and takes none until `restore`. */
  cut(): void;
  /** Takes nothing from the publisher until `restore`; connections stay. */
  stall(): void;
  restore(): void;
}

async function network(serverPort: number): Promise<Network> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: 'open' | 'cut' | 'stalled' = 'open';
  const proxy = createServer((near) => {
    near.on('error', () => undefined);
    if (state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(serverPort, '127.0.0.1').on('error', () => undefined);
    const pair = [near, far] as const;
    pairs.add(pair);
    far.pipe(near);
    near.pipe(far);
    if (state === 'stalled') near.unpipe(far).pause();
    for (const socket of pair) {
      socket.once('close', () => {
        for (const one of pair) one.destroy();
        pairs.delete(pair);
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (): void => {
    state = 'cut';
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  };
  closing.push(() => {
    cut();
    proxy.close();
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    cut,
    stall: () => {
      state = 'stalled';
      for (const [near, far] of pairs) near.unpipe(far).pause();
    },
    restore: () => {
      if (state === 'stalled') for (const [near, far] of pairs) near.pipe(far);
      state = 'open';
    },
  };
}

async function scripted(): Promise<ScriptedRtmpServer> {
  const server = await startScriptedRtmpServer();
  closing.push(() => server.close());
  return server;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(20);
}

/** A target that is live through a network that the test can break. */
async function publishing(): Promise<{
  readonly server: ScriptedRtmpServer;
  readonly net: Network;
  readonly status: () => TargetStatus | undefined;
  readonly warnings: readonly string[];
}> {
  const server = await scripted();
  const net = await network(server.port);
  const warnings: string[] = [];
  const warn = (details: unknown): void => void warnings.push(JSON.stringify(details));
  const targets = new TargetSupervisor({ taps: program.taps, logger: { info: () => undefined, warn } });
  closing.push(() => targets.close());
  targets.start({ id: 'tv', url: `rtmp://127.0.0.1:${net.port}/live/key` });
  const status = (): TargetStatus | undefined => targets.status[0];
  await until(() => status()?.state === 'live' && (server.publishings[0]?.tags.length ?? 0) > 30);
  return { server, net, status, warnings };
}

/** Media that came, divided by the time in which it came. */
function speedOf({ tags }: Publishing): number {
  const video = tags.filter(({ type, isHeader }) => type === 'video' && !isHeader);
  const [first, last] = [video[0], video.at(-1)];
  if (!first || !last) return 0;
  return (last.timestampMs - first.timestampMs) / (last.arrivedMs - first.arrivedMs);
}

describe('a connection that is lost', () => {
  it.each([1, 3, 8])('for %i s is made again, with a keyframe and no faster than real time', async (seconds) => {
    const { server, net, status } = await publishing();
    const before = server.publishings.length;

    net.cut();
    await delay(seconds * 1000);
    net.restore();
    const restoredMs = performance.now();
    await until(() => server.publishings.slice(before).some(({ tags }) => tags.length > 120));

    const again = server.publishings.slice(before).find(({ tags }) => tags.length > 0)!;
    expect(again.key).toBe('key');
    expect(again.tags.find(({ type, isHeader }) => type === 'video' && !isHeader)?.isKeyframe).toBe(true);
    // What was encoded meanwhile is not sent: the media that came is no longer than the time since then, with
    // the half second or so that the muxer holds.
    expect(speedOf(again)).toBeLessThan(1.5);
    await until(() => status()?.state === 'live');
    expect(status()).not.toHaveProperty('error');
    expect(performance.now() - restoredMs).toBeLessThan(30_000);
  });
});

describe('a server that takes nothing', () => {
  it.each([1, 3])('for %i s keeps its connection', async (seconds) => {
    const { server, net, status } = await publishing();
    const [first] = server.publishings;
    const count = server.publishings.length;

    net.stall();
    await delay(seconds * 1000);
    net.restore();
    const after = first?.tags.length ?? 0;
    await until(() => (first?.tags.length ?? 0) > after + 60);

    expect(server.publishings).toHaveLength(count);
    expect(status()?.retries).toBe(0);
  });
});

it('a server that ends each connection at once is not asked without pause, and says so', async () => {
  const server = await scripted();
  server.script.onConnect = () => 'close';
  const targets = new TargetSupervisor({
    taps: program.taps,
    logger: { info: () => undefined, warn: () => undefined },
  });
  closing.push(() => targets.close());
  targets.start({ id: 'tv', url: `rtmp://127.0.0.1:${server.port}/live/key` });

  await until(() => (targets.status[0]?.retries ?? 0) >= 2);

  expect(targets.status[0]?.error?.message).toMatch(/ends the connection when asked for application "live"/);
});
