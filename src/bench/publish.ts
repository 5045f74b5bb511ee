import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { gatewaySchema } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { startGateway } from '../gateway/gateway.js';
import { TIMECODE_SCENE } from '../test-camera/scenes.js';
import { fakeCameraFile } from './fake-camera.adapter.js';
import { LossyRelay } from './lossy-relay.adapter.js';
import { rounded } from './measure.js';
import { bundlePage, summarize, type LatencyBenchOptions, type LatencyBenchResult, type Sighting } from './latency.js';
import { launchChromium } from './viewer-browser.js';

/** How the camera of a browser is measured. */
export interface PublishBenchOptions extends LatencyBenchOptions {
  /** Share of the packets from the camera that are lost, %. @defaultValue 0 */
  readonly loss?: number;
}

/** What `diptych bench publish` prints. */
export interface PublishBenchResult extends LatencyBenchResult {
  /** Share of the packets that were lost, %. */
  readonly loss: number;
  /** The longest time between two pictures of the camera at the viewer, ms. */
  readonly longestFreezeMs: number;
}

/** A browser begins with a low bitrate and a small picture; both rise before anything counts, ms. */
const SETTLE_MS = 25_000;
const PLAY_LIMIT_MS = 60_000;
/** A time code that was captured longer ago is that of the round before, ms. */
const MAX_DELAY_MS = 4000;

/**
 * Glass to glass with a browser's camera, on loopback: pictures with a time code, published by the page `/publish/ID` in
 * one Chromium, composed, and read from the viewer page in another. From the moment that the camera has a picture to the
 * moment that the other browser shows it.
 */
export async function benchPublish(
  { seconds = 60, loss = 0 }: PublishBenchOptions,
  signal: AbortSignal,
): Promise<PublishBenchResult> {
  const camera = await fakeCameraFile(TIMECODE_SCENE, { signal });
  const config = gatewaySchema.parse({
    log: { level: 'warn' },
    http: { port: 0 },
    webrtc: { announcedAddress: LossyRelay.ADDRESS },
    streams: [{ id: 'publish', source: { url: 'whip:' }, output: { width: 1280, height: 720 } }],
  });
  const gateway = await startGateway(config, { logger: createLogger({ level: 'warn' }) });
  const relay = await LossyRelay.open(gateway.mediaPort ?? 0);
  const publisher = await launchChromium({ camera });
  const viewer = await launchChromium();
  try {
    const sending = await publisher.newPage();
    await sending.goto(`${gateway.url}/publish/publish`);
    await sending.getByRole('button', { name: 'Use this camera' }).click();
    const watching = await viewer.newPage();
    await watching.goto(`${gateway.url}/s/publish`);
    await Promise.all([untilPlaying(sending, signal), untilPlaying(watching, signal)]);
    await delay(SETTLE_MS, undefined, { signal });
    const reader = await bundlePage('timecode-reader.ts');
    await Promise.all([sending.evaluate(reader), watching.evaluate(reader)]);
    relay.lossRatio = loss / 100;
    const { latencies, longestFreezeMs } = await measure(sending, watching, seconds, signal);
    return { ...summarize(latencies, seconds), loss, longestFreezeMs: rounded(longestFreezeMs, 1) };
  } finally {
    await publisher.close();
    await viewer.close();
    relay.close();
    await gateway.close();
  }
}

interface Measured {
  readonly latencies: number[];
  readonly longestFreezeMs: number;
}

async function measure(sending: Page, watching: Page, seconds: number, signal: AbortSignal): Promise<Measured> {
  const captured = new Map<number, number>();
  const latencies: number[] = [];
  let longestFreezeMs = 0;
  let last: Sighting | undefined;
  for (let elapsedS = 0; elapsedS < seconds; elapsedS += 1) {
    for (const { frame, capturedMs, wallMs } of await sightings(sending)) captured.set(frame, capturedMs ?? wallMs);
    for (const { frame, wallMs } of await sightings(watching)) {
      if (frame !== last?.frame) {
        if (last && elapsedS > 0) longestFreezeMs = Math.max(longestFreezeMs, wallMs - last.wallMs);
        last = { frame, wallMs };
      }
      const delayMs = wallMs - (captured.get(frame) ?? Number.NEGATIVE_INFINITY);
      if (elapsedS > 0 && delayMs > 0 && delayMs < MAX_DELAY_MS) latencies.push(delayMs);
    }
    await delay(1000, undefined, { signal });
  }
  return { latencies, longestFreezeMs };
}

const sightings = (page: Page): Promise<readonly Sighting[]> =>
  page.evaluate<readonly Sighting[]>('window.diptychSightings.splice(0)');

async function untilPlaying(page: Page, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + PLAY_LIMIT_MS;
  while ((await page.evaluate<number>('document.querySelector("video")?.currentTime ?? 0')) === 0) {
    if (performance.now() > deadlineMs) throw new DiptychError('DIPTYCH_E_INTERNAL', `${page.url()} does not play`);
    await delay(100, undefined, { signal });
  }
}
