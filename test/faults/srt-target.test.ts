import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lipSyncIn } from '#src/bench/lip-sync.adapter.js';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';
import { freeUdpPort } from '../integration/stream/stages/ingest/srt-sender.js';
import { SrtReceiver } from '../integration/stream/stages/publish/srt-receiver.js';
import { startRunningGateway, SMALL_STREAM, type RunningGateway } from './running-gateway.js';

/** How far sound and picture may be apart, ms, and half a picture of the output more: each has its place in a grid. */
const LIP_SYNC_MS = 40 + 500 / 30;
const SECRET = 'correct-horse-battery';

let gateway: RunningGateway;
let rtmp: RtmpServer;
let folder: string;
let scene: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-srt-'));
  scene = await renderScene(DEMO_SCENE, { width: 640, height: 360, fps: 30, hasFlash: true });
  rtmp = await startRtmpServer();
  gateway = await startRunningGateway();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await gateway.stop();
  await rtmp.stop();
  await rm(folder, { recursive: true });
});

function receive(url: string, name: string): SrtReceiver {
  const receiver = new SrtReceiver(url, join(folder, name));
  closing.push(() => receiver.kill());
  return receiver;
}

const target = async (id: string): Promise<TargetStatus | undefined> =>
  (await gateway.view('main')).targets.find((one) => one.id === id);

async function until(
  id: string,
  isTrue: (status: TargetStatus | undefined) => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await isTrue(await target(id)))) await delay(100);
}

describe('SRT targets of a stream', () => {
  it('come and go by the API without touching others, through the death of a receiver, in lip sync', async () => {
    const [calling, called] = [await freeUdpPort(), await freeUdpPort()];
    const output = { ...SMALL_STREAM.output, fps: 30 };
    const targets = [{ id: 'tv', url: rtmp.url('key') }];
    await gateway.call('POST', '', {
      ...SMALL_STREAM,
      id: 'main',
      source: { url: `file://${scene}` },
      output,
      targets,
    });
    await until('tv', (status) => status?.state === 'live');
    const url = `srt://127.0.0.1:${calling}?mode=listener&passphrase=${SECRET}`;
    const first = receive(url, 'first.ts');

    await gateway.call('POST', '/main/targets', {
      id: 'calls',
      url: `srt://127.0.0.1:${calling}?passphrase=${SECRET}`,
    });
    await gateway.call('POST', '/main/targets', { id: 'called', url: `srt://127.0.0.1:${called}?mode=listener` });
    await until('calls', (status) => status?.state === 'live');
    expect(await target('called')).toMatchObject({
      state: 'connecting',
      error: { code: 'DIPTYCH_E_TARGET', message: expect.stringContaining(`call UDP port ${called}`) as string },
    });
    const viewer = receive(`srt://127.0.0.1:${called}?latency=2000`, 'viewer.ts');
    await until('called', (status) => status?.state === 'live' && status.error === undefined);

    await first.kill();
    await until('calls', (status) => (status?.retries ?? 0) > 0);
    expect((await target('calls'))?.url).toBe(`srt://127.0.0.1:${calling}?passphrase=***`);
    const second = receive(url, 'second.ts');
    await until('calls', async (status) => status?.state === 'live' && (await second.bytes()) > 100_000);
    await until('called', async () => (await viewer.bytes()) > 600_000);
    await gateway.call('DELETE', '/main/targets/calls');
    await gateway.call('DELETE', '/main/targets/called');

    const { targets: left } = await gateway.view('main');
    expect(left).toMatchObject([{ id: 'tv', state: 'live', retries: 0 }]);
    expect(await rtmp.recordings('key')).toHaveLength(1);
    await viewer.stop();
    const lipSync = await lipSyncIn(viewer.file);
    expect(lipSync?.pairs).toBeGreaterThan(0);
    expect(Math.abs(lipSync?.medianMs ?? 99)).toBeLessThan(LIP_SYNC_MS);
  });

  it.each([
    ['srt://h', 'needs host and port'],
    ['srt://h:9000?passphrase=short', 'SRT takes 10 to 79'],
    ['srt://h:9000?mode=rendezvous', 'mode is caller or listener'],
    ['udp://h:9000', 'use rtmp://'],
  ])('%s is refused in words', async (url, words) => {
    await gateway.call('POST', '', { ...SMALL_STREAM, id: 'other' }).catch(() => undefined);

    await expect(gateway.call('POST', '/other/targets', { url })).rejects.toThrow(new RegExp(`400.*${words}`, 's'));
  });
});
