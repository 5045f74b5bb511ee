import { createReadStream } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '../shared/domain/errors.js';
import { median } from '../shared/percentile.js';
import { seededRandom } from '../shared/random.js';
import { FlvScanner } from './flv-scanner.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.adapter.js';
import { bundlePage } from './latency.js';
import { rounded } from './measure.js';
import { startRtmpServer } from './nginx-rtmp.adapter.js';
import { launchChromium } from './viewer-browser.js';

/** How viewers join. */
export interface JoinsBenchOptions {
  /** Viewers who join, one after another. @defaultValue 20 */
  readonly viewers?: number;
  /** Time over which they join, s: shorter makes keyframes scarce. @defaultValue 60 */
  readonly seconds?: number;
}

/** What `diptych bench joins` prints. */
export interface JoinsBenchResult {
  /** Viewers who joined. */
  readonly viewers: number;
  /** Time over which they joined, s. */
  readonly seconds: number;
  /** From the request of each viewer to its first picture, in order, ms. */
  readonly firstPictureMs: readonly number[];
  /** Of these. */
  readonly medianMs: number;
  /** Of these. */
  readonly longestMs: number;
  /** What an RTMP server received meanwhile: from one keyframe to the next, ms of its time stamps. */
  readonly keyframes: {
    /** From the first to the last viewer, in order. */
    readonly distancesMs: readonly number[];
    /** The shortest of them. */
    readonly leastMs: number;
    /** The longest of them. */
    readonly mostMs: number;
  };
  /** Load average of the last minute when it ended: what else the machine did. */
  readonly load: number;
}

const STREAM = 'main';
const LIVE_LIMIT_MS = 60_000;
/** The target and the encoder settle before anybody joins, ms. */
const SETTLE_MS = 5000;

/**
 * Viewers who join one after another while the stream is published: how long each waits for its first picture in
 * Chromium (WHEP, loopback), and the distances of keyframes at an RTMP server. Moments are irregular, by a fixed series
 * of random numbers. The one before leaves as soon as the next one has a picture, so that decoding does not fill the
 * machine.
 */
export async function benchJoins(
  { viewers = 20, seconds = 60 }: JoinsBenchOptions,
  signal: AbortSignal,
): Promise<JoinsBenchResult> {
  const rtmp = await startRtmpServer();
  const key = 'joins';
  try {
    const gateway = await startGatewayProcess(['--source', 'test:', '--target', rtmp.url(key)]);
    const firstPictureMs = await withGateway(gateway, { viewers, seconds }, signal).finally(() => gateway.stop());
    const [recording] = await rtmp.recordings(key);
    if (recording === undefined) throw new DiptychError('DIPTYCH_E_INTERNAL', 'the RTMP server recorded nothing');
    const distancesMs = await keyframeDistances(recording);
    return {
      viewers,
      seconds,
      firstPictureMs: firstPictureMs.map((ms) => rounded(ms, 0)),
      medianMs: rounded(median(firstPictureMs), 0),
      longestMs: rounded(Math.max(...firstPictureMs), 0),
      keyframes: { distancesMs, leastMs: Math.min(...distancesMs), mostMs: Math.max(...distancesMs) },
      load: rounded(loadavg()[0] ?? 0, 2),
    };
  } finally {
    await rtmp.stop();
  }
}

async function withGateway(
  gateway: GatewayProcess,
  { viewers, seconds }: Required<JoinsBenchOptions>,
  signal: AbortSignal,
): Promise<readonly number[]> {
  await untilPublishing(gateway, signal);
  await delay(SETTLE_MS, undefined, { signal });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    // Any page of the same origin: it loads nothing that takes time.
    await page.goto(`${gateway.url}/healthz`);
    await page.evaluate(await bundlePage('whep-player.ts'));
    const random = seededRandom(1);
    const intervalMs = (seconds * 1000) / viewers;
    const beganMs = performance.now();
    const firstPictureMs: number[] = [];
    for (let index = 0; index < viewers; index++) {
      const atMs = beganMs + (index + random() / 2) * intervalMs;
      await delay(Math.max(0, atMs - performance.now()), undefined, { signal });
      firstPictureMs.push(await page.evaluate<number>(`window.diptychPlay('/whep/${STREAM}')`));
    }
    return firstPictureMs;
  } finally {
    await browser.close();
  }
}

async function untilPublishing(gateway: GatewayProcess, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + LIVE_LIMIT_MS;
  for (;;) {
    const { state, targets } = await gateway.status(STREAM);
    if (state === 'live' && targets[0]?.state === 'live') return;
    if (performance.now() > deadlineMs) throw new DiptychError('DIPTYCH_E_INTERNAL', 'the stream is not published');
    await delay(100, undefined, { signal });
  }
}

/** Of an FLV file, ms. */
async function keyframeDistances(path: string): Promise<readonly number[]> {
  const timesMs: number[] = [];
  const scanner = new FlvScanner(({ isKeyframe, timeMs }) => {
    if (isKeyframe) timesMs.push(timeMs);
  });
  for await (const chunk of createReadStream(path)) scanner.add(chunk as Buffer);
  if (timesMs.length < 2) throw new DiptychError('DIPTYCH_E_INTERNAL', 'fewer than two keyframes were recorded');
  return timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? 0));
}
