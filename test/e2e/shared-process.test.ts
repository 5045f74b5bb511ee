import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import { launchChromium } from '#src/bench/viewer-browser.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { streamSchema } from '#src/shared/config/schema.js';
import type { ManagedStream } from '#src/gateway/streams/managed-stream.adapter.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { sendSignal } from '../send-signal.js';

const run = promisify(execFile);

/** What each stream shows, and how large, so that none can be taken for another. */
const STREAMS = {
  red: { colour: [255, 0, 0], size: '640x360' },
  green: { colour: [0, 255, 0], size: '480x272' },
  blue: { colour: [0, 0, 255], size: '320x180' },
  white: { colour: [255, 255, 255], size: '400x224' },
  yellow: { colour: [255, 255, 0], size: '512x288' },
} as const;
type Name = keyof typeof STREAMS;

const WAIT = { timeout: 60_000, interval: 100 };
const sizeOf = (name: Name): [number, number] => STREAMS[name].size.split('x').map(Number) as [number, number];

/** Four cameras, three of them in one process: what happens to one is no business of the others. */
describe('streams that share processes', () => {
  let folder: string;
  let rtmp: RtmpServer;
  let browser: Browser;
  let gateway: Gateway;
  const pages = new Map<Name, Page>();
  /** What has been started, in order; a start that fails leaves the rest to be ended. */
  const endings: (() => Promise<unknown>)[] = [];

  const configOf = (name: Name): string => {
    const [width, height] = sizeOf(name);
    return JSON.stringify({
      id: name,
      source: { url: join(folder, `${name}.mp4`) },
      output: { width, height, fps: 15, bitrateKbps: 400 },
      targets: name === 'red' || name === 'white' ? [{ id: 'tv', url: rtmp.url(name) }] : [],
    });
  };
  const stream = (name: string): ManagedStream => gateway.registry.get(name);
  const pidOf = (name: string): number => stream(name).pid ?? 0;
  const post = (body: string): Promise<Response> =>
    fetch(`${gateway.url}/api/v1/streams`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  const isLive = (...names: string[]): Promise<void> =>
    vi.waitFor(() => {
      expect(names.map((name) => stream(name).status.state)).toEqual(names.map(() => 'live'));
    }, WAIT);
  /** In the same process as before, without ever having been started again, and still making pictures. */
  const goesOn = async (name: Name, pid: number): Promise<void> => {
    const { out } = stream(name).status.frames;
    await vi.waitFor(() => {
      expect(stream(name).status.frames.out).toBeGreaterThan(out);
    }, WAIT);
    expect(pidOf(name)).toBe(pid);
    expect(stream(name).restarts).toBe(0);
  };
  const plays = async (name: Name): Promise<void> => {
    const page = pages.get(name);
    const timeS = async (): Promise<number> =>
      (await page?.evaluate<number>('document.querySelector("video")?.currentTime ?? 0')) ?? 0;
    let before = Number.POSITIVE_INFINITY;
    // A page that got its picture anew counts from 0.
    await vi.waitFor(async () => {
      const now = await timeS();
      before = Math.min(before, now);
      expect(now).toBeGreaterThan(before + 0.5);
    }, WAIT);
    const shown = await page?.evaluate(
      '(({ videoWidth, videoHeight }) => [videoWidth, videoHeight])(document.querySelector("video"))',
    );
    expect(shown).toEqual(sizeOf(name));
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diptych-shared-'));
    endings.push(() => rm(folder, { recursive: true }));
    for (const [name, { colour }] of Object.entries(STREAMS)) {
      const hex = colour.map((part) => part.toString(16).padStart(2, '0')).join('');
      await run('ffmpeg', [
        ...['-v', 'error', '-f', 'lavfi', '-i', `color=c=0x${hex}:size=640x360:rate=15`],
        ...['-t', '4', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', join(folder, `${name}.mp4`)],
      ]);
    }
    rtmp = await startRtmpServer();
    endings.push(() => rtmp.stop());
    browser = await launchChromium();
    endings.push(() => browser.close());
    const text = `
http: { port: 0 }
access: { files: [${JSON.stringify(folder)}] }
webrtc: { minPort: 43500, maxPort: 43900 }
streamsPerProcess: 3
streams: [${(['red', 'green', 'blue', 'white'] as const).map(configOf).join(', ')}]
`;
    gateway = await startGateway(parseConfig({ text, fileName: 'test' }), {
      logger: createLogger({ level: 'error', format: 'json' }),
    });
    endings.push(() => gateway.close());
    await isLive('red', 'green', 'blue', 'white');
    for (const name of ['red', 'white'] as const) {
      const page = await browser.newPage({ viewport: { width: 640, height: 400 } });
      await page.goto(`${gateway.url}/s/${name}`);
      pages.set(name, page);
    }
  });

  afterAll(async () => {
    for (const end of endings.reverse()) await end();
  });

  it('fill one process after the other', () => {
    const pids = ['red', 'green', 'blue', 'white'].map(pidOf);

    expect(new Set(pids.slice(0, 3)).size).toBe(1);
    expect(pids[3]).not.toBe(pids[0]);
    expect(stream('red').status.memory?.streamsInProcess).toBe(3);
    expect(stream('white').status.memory?.streamsInProcess).toBe(1);
    expect(stream('red').status.memory?.processBytes).toBeGreaterThan(50e6);
  });

  it.each(Object.keys(STREAMS).slice(0, 4) as Name[])('show each its own picture: %s', async (name) => {
    const page = await browser.newPage();
    await page.goto(`${gateway.url}/`);
    const shown = await page.evaluate(
      `(async () => {
        const picture = await createImageBitmap(await (await fetch('/api/v1/streams/${name}/snapshot.jpg')).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
        canvas.drawImage(picture, 0, 0);
        return { size: [picture.width, picture.height], pixel: [...canvas.getImageData(picture.width / 2, picture.height / 2, 1, 1).data] };
      })()`,
    );
    await page.close();
    const { size, pixel } = shown as { readonly size: number[]; readonly pixel: number[] };

    expect(size).toEqual(sizeOf(name));
    STREAMS[name].colour.forEach((part, index) => {
      expect(Math.abs((pixel[index] ?? -1) - part)).toBeLessThan(12);
    });
  });

  it('reach browsers and targets each by itself', async () => {
    await Promise.all([plays('red'), plays('white')]);
    await vi.waitFor(() => {
      for (const name of ['red', 'white']) expect(stream(name).status.targets).toMatchObject([{ state: 'live' }]);
    }, WAIT);
  });

  it('fail each by itself, and are started again where they were', async () => {
    const [first, second] = [pidOf('red'), pidOf('white')];
    const { detect, ...rest } = streamSchema.parse({ id: 'broken', source: { url: 'test:' } });
    // The API refuses such a model; the stream fails whenever it is started.
    gateway.registry.add({ ...rest, detect: { ...detect, model: join(folder, 'nosuch.onnx') } });

    await vi.waitFor(() => {
      expect(stream('broken').restarts).toBeGreaterThan(2);
      expect(stream('broken').status).toMatchObject({
        state: 'failed',
        error: { message: expect.stringContaining('nosuch.onnx') as string },
      });
    }, WAIT);

    await goesOn('white', second);
    await goesOn('red', first);
    await gateway.registry.remove('broken');
    await goesOn('white', second);
  });

  it('die with their process and come back, and the others never notice', async () => {
    const [first, second] = [pidOf('red'), pidOf('white')];

    sendSignal(first, 'SIGKILL');
    await vi.waitFor(() => {
      expect(['red', 'green', 'blue'].map((name) => stream(name).restarts)).toEqual([1, 1, 1]);
    }, WAIT);
    await isLive('red', 'green', 'blue');

    const pids = ['red', 'green', 'blue'].map(pidOf);
    expect(new Set(pids).size).toBe(1);
    expect(pids[0]).not.toBe(first);
    await goesOn('white', second);
    expect(stream('white').status.targets).toMatchObject([{ state: 'live', retries: 0 }]);
    await Promise.all([plays('red'), plays('white')]);
    await vi.waitFor(() => {
      expect(stream('red').status.targets).toMatchObject([{ state: 'live' }]);
    }, WAIT);
  });

  it('end each by itself, and new ones go where there is room', async () => {
    const [first, second] = [pidOf('red'), pidOf('white')];
    await gateway.registry.remove('green');
    const { restarts } = stream('red');
    await Promise.all([plays('red'), plays('white')]);

    const answers = [await post(configOf('yellow')), await post(configOf('green'))];
    await isLive('red', 'blue', 'white', 'yellow', 'green');

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    // One stream there, two here.
    expect(pidOf('yellow')).toBe(second);
    expect(pidOf('green')).toBe(first);
    expect(stream('red')).toMatchObject({ pid: first, restarts });
    await goesOn('white', second);
  });

  it('end all together within three seconds, with whole recordings of each', async () => {
    const pids = [...new Set(gateway.registry.list().map(({ pid }) => pid ?? 0))];
    const startedMs = performance.now();
    await gateway.close();
    const tookMs = performance.now() - startedMs;

    expect(tookMs).toBeLessThan(3_000);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    for (const [name, count] of [
      ['red', 2],
      ['white', 1],
    ] as const) {
      const recordings = await rtmp.recordings(name);
      expect(recordings.length).toBeGreaterThanOrEqual(count);
      const { stdout } = await run('ffprobe', [
        ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=width,height', '-of', 'csv=p=0'],
        recordings.at(-1) ?? '',
      ]);
      expect(stdout.trim()).toBe(sizeOf(name).join(','));
    }
  });
});
