import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LossyRelay } from '#src/bench/lossy-relay.adapter.js';
import { freeUdpPort, SrtSender } from '../integration/stream/stages/ingest/srt-sender.js';
import { readTransportStream, SrtReceiver } from '../integration/stream/stages/publish/srt-receiver.js';
import { startRunningGateway, SMALL_STREAM, type RunningGateway } from './running-gateway.js';

/** Of the packets to and fro, each. */
const LOSS_RATIO = 0.05;

let gateway: RunningGateway;
let folder: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-srt-network-'));
  gateway = await startRunningGateway();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

async function openRelay(port: number): Promise<LossyRelay> {
  const relay = await LossyRelay.open(port);
  closing.push(() => relay.close());
  return relay;
}

function losePackets(relay: LossyRelay, ratio: number): void {
  relay.lossRatio = ratio;
  relay.answerLossRatio = ratio;
}

describe('SRT over a network that loses one packet in twenty, to and fro', () => {
  it('brings a source as it was sent, and says so where nothing comes at all', async () => {
    const port = await freeUdpPort();
    const relay = await openRelay(port);
    await gateway.call('POST', '', {
      ...SMALL_STREAM,
      id: 'in',
      source: { url: `srt://127.0.0.1:${port}?mode=listener&latency=400` },
    });
    await gateway.until('in', ({ error }) => /let the sender call/.test(error?.message ?? ''));
    const sender = (): SrtSender => {
      const started = new SrtSender({ url: `srt://${LossyRelay.ADDRESS}:${port}?latency=400000&pkt_size=1316` });
      closing.push(() => started.kill());
      return started;
    };
    sender();
    const before = await gateway.until('in', ({ frames }) => frames.in > 30);

    losePackets(relay, LOSS_RATIO);
    const after = await gateway.until('in', ({ frames }) => frames.in > before.frames.in + 150);
    const lost = relay.lost;
    relay.isBlocked = true;
    const away = await gateway.until('in', ({ state }) => state === 'offline');
    relay.isBlocked = false;
    losePackets(relay, 0);
    sender();
    const back = await gateway.until('in', ({ frames }) => frames.in > after.frames.in + 100);

    expect(lost).toBeGreaterThan(20);
    expect(after.source.reconnects).toBe(before.source.reconnects);
    expect((after.frames.damaged - before.frames.damaged) / 150).toBeLessThan(0.1);
    expect(away.error?.message).toMatch(/check that it sends, and the network/);
    expect(back.error?.code ?? 'none').not.toMatch(/_SOURCE_/);
  });

  it('brings a stream to its receiver in one connection, without a picture that is damaged', async () => {
    const port = await freeUdpPort();
    const relay = await openRelay(port);
    const receiver = new SrtReceiver(`srt://127.0.0.1:${port}?mode=listener&latency=400`, join(folder, 'out.ts'));
    closing.push(() => receiver.kill());
    await gateway.call('POST', '', { ...SMALL_STREAM, id: 'out' });
    losePackets(relay, LOSS_RATIO);

    await gateway.call('POST', '/out/targets', { id: 'tv', url: `srt://${LossyRelay.ADDRESS}:${port}?latency=400` });
    await gateway.until('out', ({ targets }) => targets[0]?.state === 'live');
    while ((await receiver.bytes()) < 400_000) await delay(100);
    const { targets } = await gateway.view('out');
    await receiver.stop();

    expect(relay.lost).toBeGreaterThan(20);
    expect(targets[0]).toMatchObject({ retries: 0 });
    const { codecs, dtsS, beginsWithKeyframe } = await readTransportStream(receiver.file);
    expect(codecs.map(({ codec_name: name }) => name).sort()).toEqual(['aac', 'h264']);
    expect(beginsWithKeyframe).toBe(true);
    expect(dtsS.video.length).toBeGreaterThan(60);
  });
});
