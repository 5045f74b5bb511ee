import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { DiptychError } from '../shared/domain/errors.js';
import { median } from '../shared/percentile.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '../test-camera/scenes.js';
import { startTestCamera } from '../test-camera/test-camera.adapter.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.adapter.js';
import { rounded } from './measure.js';
import { launchChromium } from './viewer-browser.js';

/** How often a gateway is started. */
export interface StartBenchOptions {
  /** Starts. @defaultValue 5 */
  readonly rounds?: number;
}

/** Moments of one start, ms from its begin. */
export interface StartTimes {
  /** `diptych run` has begun → page and API answer. */
  readonly listeningMs: number;
  /** `diptych run` has begun → the page in Chromium, opened as soon as it can be, shows pictures of the camera. */
  readonly firstPictureMs: number;
  /** A second stream was asked for, once everything is calm → its page shows pictures of the camera. */
  readonly furtherPictureMs: number;
}

/** What `diptych bench start` prints. */
export interface StartBenchResult {
  /** Each start, in order. */
  readonly starts: readonly StartTimes[];
  /** Of each moment. */
  readonly median: StartTimes;
  /** Between keyframes of the camera, ms: on average a picture comes half of it later. */
  readonly keyframeDistanceMs: number;
  /** Load average of the last minute when it ended: what else the machine did. */
  readonly load: number;
}

const GOP_S = 0.5;
const SIZE = { width: 1920, height: 1080 };
const LIVE_LIMIT_MS = 60_000;
/** The spare process is ready by then, ms. */
const CALM_MS = 8000;

/**
 * How long a gateway takes from its command to pictures in a browser, and a further stream from its request: a camera of
 * 1920×1080 over RTSP on loopback, the two-shot in the page in Chromium, which runs before, with an empty page.
 */
export async function benchStart({ rounds = 5 }: StartBenchOptions, signal: AbortSignal): Promise<StartBenchResult> {
  const file = await renderScene(DEMO_SCENE, { audio: 'aac', gopS: GOP_S, ...SIZE }, { signal });
  const camera = await startTestCamera({ file });
  const browser = await launchChromium();
  try {
    const starts: StartTimes[] = [];
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      starts.push(await startOnce(browser, camera.url, signal));
    }
    const ofAll = (key: keyof StartTimes): number => median(starts.map((times) => times[key]));
    return {
      starts,
      median: {
        listeningMs: ofAll('listeningMs'),
        firstPictureMs: ofAll('firstPictureMs'),
        furtherPictureMs: ofAll('furtherPictureMs'),
      },
      keyframeDistanceMs: GOP_S * 1000,
      load: rounded(loadavg()[0] ?? 0, 1),
    };
  } finally {
    await browser.close();
    await camera.stop();
  }
}

async function startOnce(browser: Browser, camera: string, signal: AbortSignal): Promise<StartTimes> {
  const context = await browser.newContext();
  const first = await context.newPage();
  const beganMs = performance.now();
  const gateway = await startGatewayProcess([camera]);
  try {
    const listeningMs = performance.now() - beganMs;
    const firstPictureMs = await playsAt(first, `${gateway.url}/s/main`, beganMs);
    await first.close();
    // One at a time: a page behind another is shown no pictures.
    const further = await context.newPage();
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    signal.throwIfAborted();
    const askedMs = performance.now();
    await addStream(gateway, camera);
    const furtherPictureMs = await playsAt(further, `${gateway.url}/s/further`, askedMs);
    return {
      listeningMs: rounded(listeningMs, 0),
      firstPictureMs: rounded(firstPictureMs, 0),
      furtherPictureMs: rounded(furtherPictureMs, 0),
    };
  } finally {
    await gateway.stop();
    await context.close();
  }
}

async function addStream({ url }: GatewayProcess, camera: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/streams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'further', source: { url: camera } }),
  });
  if (!response.ok) throw new DiptychError('DIPTYCH_E_INTERNAL', `no further stream: ${await response.text()}`);
}

/** Opens a page, and waits until it plays what the camera sees. @returns ms since `beganMs` */
async function playsAt(page: Page, url: string, beganMs: number): Promise<number> {
  await page.goto(url, { waitUntil: 'commit' });
  // The page's own rules forbid scripts from elsewhere; what the debugger evaluates is not bound by them.
  const isPlaying = await page.evaluate<boolean>(untilPlaying(LIVE_LIMIT_MS));
  if (!isPlaying) throw new DiptychError('DIPTYCH_E_INTERNAL', `${url} shows no picture of the camera`);
  return performance.now() - beganMs;
}

/** An expression for the page: whether it plays, once it does or time is over. */
const untilPlaying = (limitMs: number): string => `new Promise((resolve) => {
  const endMs = performance.now() + ${limitMs};
  const look = () => {
    const frames = document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    const isLive = frames > 0 && document.querySelector('.pill')?.textContent === 'Live';
    if (isLive || performance.now() > endMs) resolve(isLive);
    else setTimeout(look, 5);
  };
  look();
})`;
