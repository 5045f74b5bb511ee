import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startGateway, type Gateway } from '../gateway/gateway.js';
import { gatewaySchema } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import { withResources, type ResourceStack } from '../shared/resource-stack.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { TIMECODE_SCENE } from '../test-camera/scenes.js';
import { startTestCamera } from '../test-camera/test-camera.adapter.js';
import { fakeCameraFile } from './fake-camera.adapter.js';
import { bundlePage, type Sighting } from './latency.js';
import { LossyRelay } from './lossy-relay.adapter.js';
import { rounded } from './measure.js';
import { launchChromium } from './viewer-browser.js';

/** On whose way packets are lost: a viewer of the page, a WHEP player, or a browser that publishes by WHIP. */
export type LossyWay = 'page' | 'whep' | 'whip';

/** Which ways lose how much. */
export interface LossBenchOptions {
  /** How long pictures are watched, for each way and loss, s: longer finds rarer freezes. @defaultValue 30 */
  readonly seconds?: number;
  /** Shares of the packets that are lost, to and fro, %. @defaultValue 0, 2 and 5 */
  readonly losses?: readonly number[];
  /** What is measured, in this order. @defaultValue all */
  readonly ways?: readonly LossyWay[];
  /**
   * Time for tiles, jitter buffers and the bitrate of a browser that publishes to settle before anything counts, ms.
   * Higher: nothing of the beginning is measured. @defaultValue 8000, and 25,000 for a browser that publishes;
   * then on until the time code can be read, for at most a minute
   */
  readonly settleMs?: number;
  /** Of the output. @defaultValue 1280 × 720 at 30 pictures a second */
  readonly output?: { readonly width: number; readonly height: number; readonly fps: number };
}

/** What was seen of one way at one loss. */
export interface LossFigures {
  /** On whose way packets were lost. */
  readonly way: LossyWay;
  /** Share of the packets that were to be lost, %. */
  readonly loss: number;
  /** Packets that were lost. */
  readonly lostPackets: number;
  /** Pictures of the camera whose time code was read at the viewer, each once. */
  readonly pictures: number;
  /** Pictures that the browser showed, readable or not. */
  readonly shown: number;
  /** The longest time from one of these to the next, ms: the picture was frozen, or so damaged that it was unreadable. */
  readonly longestFreezeMs: number;
  /** How often it was longer than {@link DISTURBED_MS}. */
  readonly disturbances: number;
}

/** What `diptych bench loss` prints. */
export interface LossBenchResult {
  /** In the order in which they were measured. */
  readonly figures: readonly LossFigures[];
  /** Of each way and loss, s. */
  readonly seconds: number;
  /** Whether the picture was never away for a second. */
  readonly passed: boolean;
  /** Load average of the last minute when it ended: what else the machine did. */
  readonly load: number;
}

/** A picture that stands for so long is seen to stand, ms. */
export const DISTURBED_MS = 200;
const MOST_FREEZE_MS = 1000;
const STREAM = 'loss';
const PLAY_LIMIT_MS = 60_000;
const SETTLE_MS: Readonly<Record<LossyWay, number>> = { page: 8000, whep: 8000, whip: 25_000 };
/** In a second, before anything is lost. */
const READABLE_PICTURES = 4;
/** Between two losses: what one has done is over. */
const PAUSE_MS = 2000;

/**
 * How long the picture stands or is damaged where packets are lost: a camera with a time code in its pictures, the
 * gateway, a relay that loses packets, and a viewer in Chromium who reads the code.
 */
export async function benchLoss(options: LossBenchOptions, signal: AbortSignal): Promise<LossBenchResult> {
  const { seconds = 30, ways = ['page', 'whep', 'whip'] } = options;
  const figures: LossFigures[] = [];
  for (const way of ways) figures.push(...(await measureWay(way, { ...options, seconds }, signal)));
  const passed = figures.every(({ longestFreezeMs }) => longestFreezeMs < MOST_FREEZE_MS);
  return { figures, seconds, passed, load: rounded(loadavg()[0] ?? 0, 2) };
}

interface Setting {
  readonly resources: ResourceStack;
  readonly signal: AbortSignal;
}

function measureWay(
  way: LossyWay,
  {
    seconds,
    settleMs = SETTLE_MS[way],
    losses = [0, 2, 5],
    output = { width: 1280, height: 720, fps: 30 },
  }: LossBenchOptions & { readonly seconds: number },
  signal: AbortSignal,
): Promise<readonly LossFigures[]> {
  return withResources(async (resources) => {
    const url = way === 'whip' ? 'whip:' : await startCamera({ resources, signal });
    const config = gatewaySchema.parse({
      log: { level: 'warn' },
      http: { port: 0 },
      webrtc: { announcedAddress: LossyRelay.ADDRESS },
      streams: [
        {
          id: STREAM,
          source: { url },
          output: { bitrateKbps: 2500, preset: 'ultrafast', ...output },
          detect: { maxFps: 2 },
        },
      ],
    });
    const opened = await startGateway(config, { logger: createLogger({ level: 'warn' }) });
    const gateway = resources.adopt(opened, () => opened.close());
    const relay = await LossyRelay.open(gateway.mediaPort ?? 0);
    resources.defer(() => relay.close());
    if (way === 'whip') {
      await publish(gateway, { resources, signal });
      relay.lossyClients = new Set(relay.clients);
    }
    const page = await watch(gateway, way, { resources, signal });
    await delay(settleMs, undefined, { signal });
    await page.evaluate(await bundlePage('timecode-reader.ts'));
    await untilReadable(page, signal);
    const figures: LossFigures[] = [];
    for (const loss of losses) {
      await delay(PAUSE_MS, undefined, { signal });
      const lostBefore = relay.lost;
      Object.assign(relay, { lossRatio: loss / 100, answerLossRatio: loss / 100 });
      const seen = await readPictures(page, seconds, signal);
      figures.push({ way, loss, lostPackets: relay.lost - lostBefore, ...seen });
      Object.assign(relay, { lossRatio: 0, answerLossRatio: 0 });
    }
    return figures;
  });
}

async function startCamera({ resources, signal }: Setting): Promise<string> {
  const file = await renderScene(TIMECODE_SCENE, { audio: 'aac', width: 1280, height: 720 }, { signal });
  const camera = await startTestCamera({ file });
  resources.defer(() => camera.stop());
  return camera.url;
}

/** The page `/publish/ID` sends a camera. Resolves once its packets come. */
async function publish({ url }: Gateway, { resources, signal }: Setting): Promise<void> {
  const browser = await launchChromium({ camera: await fakeCameraFile(TIMECODE_SCENE, { signal }) });
  resources.defer(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${url}/publish/${STREAM}`);
  await page.getByRole('button', { name: 'Use this camera' }).click();
  await page
    .locator('.panel', { hasText: 'Arrives at the gateway' })
    .getByText('H.264')
    .waitFor({ timeout: PLAY_LIMIT_MS });
}

/** Resolves with a page whose video plays. */
async function watch({ url }: Gateway, way: LossyWay, { resources, signal }: Setting): Promise<Page> {
  const browser = await launchChromium();
  resources.defer(() => browser.close());
  const page = await browser.newPage();
  const deadlineMs = performance.now() + PLAY_LIMIT_MS;
  const again = async (): Promise<void> => {
    if (performance.now() > deadlineMs) throw new DiptychError('DIPTYCH_E_INTERNAL', 'the stream does not play');
    await delay(100, undefined, { signal });
  };
  if (way === 'whep') {
    await page.goto(`${url}/healthz`);
    await page.evaluate(await bundlePage('whep-player.ts'));
    // It answers 409 before the stream has media.
    while ((await page.evaluate<number>(`window.diptychPlay('/whep/${STREAM}').catch(() => 0)`)) === 0) await again();
  } else {
    await page.goto(`${url}/s/${STREAM}`);
    while ((await page.evaluate<number>('document.querySelector("video")?.currentTime ?? 0')) === 0) await again();
  }
  return page;
}

/** A browser that publishes begins with a picture too coarse for the time code. Gives up without a word: the figures tell. */
async function untilReadable(page: Page, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + PLAY_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    if ((await readPictures(page, 1, signal)).pictures >= READABLE_PICTURES) return;
  }
}

async function readPictures(
  page: Page,
  seconds: number,
  signal: AbortSignal,
): Promise<Pick<LossFigures, 'pictures' | 'shown' | 'longestFreezeMs' | 'disturbances'>> {
  const timesMs: number[] = [await wallMs(page)];
  const shownBefore = await shown(page);
  let last: number | undefined;
  await page.evaluate('window.diptychSightings.splice(0)');
  for (let elapsedS = 0; elapsedS < seconds; elapsedS += 1) {
    await delay(1000, undefined, { signal });
    for (const { frame, wallMs: atMs } of await page.evaluate<readonly Sighting[]>(
      'window.diptychSightings.splice(0)',
    )) {
      if (frame !== last) timesMs.push(atMs);
      last = frame;
    }
  }
  const pictures = timesMs.length - 1;
  timesMs.push(await wallMs(page));
  const gapsMs = timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? timeMs));
  return {
    pictures,
    shown: (await shown(page)) - shownBefore,
    longestFreezeMs: rounded(Math.max(...gapsMs), 0),
    disturbances: gapsMs.filter((gapMs) => gapMs > DISTURBED_MS).length,
  };
}

const wallMs = (page: Page): Promise<number> => page.evaluate<number>('performance.timeOrigin + performance.now()');

const shown = (page: Page): Promise<number> =>
  page.evaluate<number>('document.querySelector("video").getVideoPlaybackQuality().totalVideoFrames');
