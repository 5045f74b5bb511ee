import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';
import { startTestCamera, type TestCamera } from '#src/test-camera/test-camera.adapter.js';

const run = promisify(execFile);

interface Probe {
  readonly streams: readonly {
    readonly codec_type: string;
    readonly codec_name: string;
    readonly width?: number;
    readonly height?: number;
    readonly has_b_frames?: number;
  }[];
  readonly packets: readonly { readonly codec_type: string; readonly dts_time: string }[];
}

/** The whole product, as a user has it: a camera, `diptych run`, a browser, and an RTMP platform. */
describe('a camera in, the two-shot in a browser and on RTMP', () => {
  let camera: TestCamera;
  let rtmp: RtmpServer;
  let gateway: GatewayProcess;
  let browser: Browser;
  let page: Page;
  let sceneFile: string;
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  const status = (): Promise<StreamStatus> => gateway.status('main');
  const until = async (isTrue: (now: StreamStatus) => boolean): Promise<StreamStatus> => {
    for (;;) {
      const now = await status();
      if (isTrue(now)) return now;
      await delay(200);
    }
  };
  const videoTimeS = (): Promise<number> => page.evaluate<number>('document.querySelector("video")?.currentTime ?? 0');
  const playsOn = async (): Promise<void> => {
    const beforeS = await videoTimeS();
    while ((await videoTimeS()) < beforeS + 1) await delay(200);
  };

  beforeAll(async () => {
    sceneFile = await renderScene(DEMO_SCENE, { audio: 'aac' });
    camera = await startTestCamera({ file: sceneFile });
    endings.push(() => camera.stop());
    rtmp = await startRtmpServer();
    endings.push(() => rtmp.stop());
    gateway = await startGatewayProcess(['--source', camera.url, '--target', rtmp.url('show')]);
    endings.push(() => gateway.stop());
    browser = await launchChromium();
    endings.push(() => browser.close());
    page = await browser.newPage();
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('finds two people, gives each a tile, and goes live on the target', async () => {
    const live = await until(
      ({ state, people, targets }) =>
        state === 'live' &&
        people.filter(({ slot }) => slot !== undefined).length === 2 &&
        targets[0]?.state === 'live',
    );

    expect(live.source).toMatchObject({ codec: 'H.264', audio: 'AAC', width: 1920, height: 1080 });
    expect(live.output).toMatchObject({ width: 1920, height: 1080, fps: 30 });
    const [left, right] = [...live.people].sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
    expect(left?.box.x).toBeLessThan(right?.box.x ?? 0);
  });

  it('plays in the browser at the full size', async () => {
    await page.goto(`${gateway.url}/s/main`);

    await playsOn();

    expect(await page.evaluate('document.querySelector("video").videoWidth')).toBe(1920);
    expect(await page.evaluate('document.querySelector("video").videoHeight')).toBe(1080);
  });

  it('goes on when the camera dies, and shows it again when it is back', async () => {
    const { port } = camera;
    await camera.kill();
    const lost = await until(({ state }) => state === 'offline');
    const outBefore = lost.frames.out;
    await playsOn();

    camera = await startTestCamera({ file: sceneFile, port });
    const back = await until(({ state, people }) => state === 'live' && people.length > 0);
    await playsOn();

    expect(lost.error?.code).toMatch(/^DIPTYCH_E_SOURCE_(REFUSED|UNREACHABLE)$/);
    expect(lost.targets[0]?.state).toBe('live');
    expect(back.frames.out).toBeGreaterThan(outBefore);
    expect(back.targets[0]).toMatchObject({ state: 'live', retries: 0 });
  });

  it('gives a snapshot', async () => {
    const response = await fetch(`${gateway.url}/api/v1/streams/main/snapshot.jpg`);
    const jpeg = new Uint8Array(await response.arrayBuffer());

    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  });

  it('ends when it is told to, and leaves a whole recording at the platform', async () => {
    const startedMs = performance.now();
    const exit = await gateway.stop();
    const tookMs = performance.now() - startedMs;
    const [recording = ''] = await rtmp.recordings('show');
    const { stdout } = await run(
      'ffprobe',
      ['-v', 'error', '-of', 'json', '-show_streams', '-show_entries', 'packet=codec_type,dts_time', recording],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const { streams, packets } = JSON.parse(stdout) as Probe;

    expect(exit).toBe(0);
    expect(tookMs).toBeLessThan(3_000);
    expect(streams.find(({ codec_type }) => codec_type === 'video')).toMatchObject({
      codec_name: 'h264',
      width: 1920,
      height: 1080,
      has_b_frames: 0,
    });
    expect(streams.find(({ codec_type }) => codec_type === 'audio')?.codec_name).toBe('aac');
    for (const type of ['video', 'audio']) {
      const times = packets.filter(({ codec_type }) => codec_type === type).map(({ dts_time }) => Number(dts_time));
      const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      // A busy machine may drop pictures; time itself never jumps or turns back.
      expect(Math.min(...steps), `${type} never falls`).toBeGreaterThanOrEqual(0);
      expect(Math.max(...steps), `${type} has no gap`).toBeLessThan(1);
    }
  });
});
