import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { gatewaySchema } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import { requireProgram } from '../shared/programs/find-program.adapter.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import { TIMECODE_SCENE } from '../test-camera/scenes.js';
import { startTestCamera } from '../test-camera/test-camera.adapter.js';
import { packagePath } from '../shared/package-root.js';
import { median, percentile } from '../shared/percentile.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { startGateway } from '../gateway/gateway.js';
import { rounded } from './measure.js';
import { launchChromium } from './viewer-browser.js';

/** How the delay is measured. */
export interface LatencyBenchOptions {
  /** How long frames are watched, s: longer runs show drift. @defaultValue 60 */
  readonly seconds?: number;
}

/** What `diptych bench latency` prints. */
export interface LatencyBenchResult {
  /** How long frames were watched, s. */
  readonly seconds: number;
  /** Frames whose time code was read in the video element. */
  readonly frames: number;
  /** From the moment the camera has a picture to the moment the browser shows it, ms. */
  readonly glassToGlassMs: { readonly p50: number; readonly p95: number; readonly max: number };
  /** Median of each tenth of the run, in order: delay that creeps up shows here. */
  readonly medianByTenthMs: readonly number[];
  /** Median of the last tenth − median of the first, ms. */
  readonly driftMs: number;
}

/** As src/viewer/timecode-reader.ts collects them. */
export interface Sighting {
  /** As the picture has it. */
  readonly frame: number;
  /** When it was due on the screen, Unix ms. */
  readonly wallMs: number;
  /** When the camera had it, Unix ms; of a camera of the same browser only. */
  readonly capturedMs?: number;
}

/** The picture settles (tiles, decoder, jitter buffer) before anything counts, ms. */
const SETTLE_MS = 8_000;
const PLAY_LIMIT_MS = 60_000;

/**
 * Glass to glass on loopback: a camera whose pictures carry a time code, the gateway, and the
 * viewer page in Chromium, which reads the code from its video element. Measured from the moment
 * the camera has the picture to the moment the browser shows it; both on this machine's clock.
 */
export async function benchLatency(
  { seconds = 60 }: LatencyBenchOptions,
  signal: AbortSignal,
): Promise<LatencyBenchResult> {
  requireProgram('Chromium');
  const file = await renderScene(TIMECODE_SCENE, { audio: 'aac' }, { signal });
  const camera = await startTestCamera({ file, reportFrames: true });
  const taken = new Map<number, number>();
  camera.frames$.subscribe(({ frame, captureWallMs }) => taken.set(frame, captureWallMs));
  const config = gatewaySchema.parse({
    log: { level: 'warn' },
    http: { port: 0 },
    streams: [{ id: 'latency', source: { url: camera.url, latencyMs: 60 } }],
  });
  const gateway = await startGateway(config, { logger: createLogger({ level: 'warn' }) });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${gateway.url}/s/latency`);
    // The page's own rules forbid scripts from elsewhere; what the debugger evaluates is not bound by them.
    const deadlineMs = performance.now() + PLAY_LIMIT_MS;
    while ((await page.evaluate<number>('document.querySelector("video")?.currentTime ?? 0')) === 0) {
      if (performance.now() > deadlineMs) throw new DiptychError('DIPTYCH_E_INTERNAL', 'the viewer page does not play');
      await delay(100, undefined, { signal });
    }
    await page.evaluate(await bundlePage('timecode-reader.ts'));
    await delay(SETTLE_MS, undefined, { signal });
    const latencies: number[] = [];
    for (let elapsedS = 0; elapsedS < seconds; elapsedS += 1) {
      const sightings = await page.evaluate<readonly Sighting[]>('window.diptychSightings.splice(0)');
      for (const { frame, wallMs } of sightings) {
        const takenMs = taken.get(frame);
        if (elapsedS > 0 && takenMs !== undefined) latencies.push(wallMs - takenMs);
      }
      await delay(1000, undefined, { signal });
    }
    return summarize(latencies, seconds);
  } finally {
    await browser.close();
    await gateway.close();
    await camera.stop();
  }
}

/** What these delays, ms, in the order of time, come to. @throws where there are too few to tell */
export function summarize(latencies: readonly number[], seconds: number): LatencyBenchResult {
  if (latencies.length < seconds) {
    throw new DiptychError('DIPTYCH_E_INTERNAL', `only ${latencies.length} time codes were read in ${seconds} s`);
  }
  const tenth = Math.floor(latencies.length / 10);
  const medianByTenthMs = Array.from({ length: 10 }, (_, index) =>
    rounded(median(latencies.slice(index * tenth, (index + 1) * tenth)), 1),
  );
  return {
    seconds,
    frames: latencies.length,
    glassToGlassMs: {
      p50: rounded(median(latencies), 1),
      p95: rounded(percentile(latencies, 0.95), 1),
      max: rounded(percentile(latencies, 1), 1),
    },
    medianByTenthMs,
    driftMs: rounded((medianByTenthMs[9] ?? 0) - (medianByTenthMs[0] ?? 0), 1),
  };
}

/** A file of `src/viewer/` as one script. It runs in the browser, so it is bundled from its source. */
export async function bundlePage(file: 'timecode-reader.ts' | 'whep-player.ts'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [packagePath(`src/viewer/${file}`)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    conditions: ['diptych-source'],
  });
  return outputFiles[0]?.text ?? '';
}
