import { EventEmitter, on } from 'node:events';
import { concatMap } from 'rxjs';
import { gatewaySchema, streamSchema, type GpuConfig } from '../shared/config/schema.js';
import type { Box } from '../shared/domain/box.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import { explainLossInFile } from '../stream/backend/gpu/gpu-error.js';
import { ModelStore } from '../stream/models/model-store.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { detectEvery, type DetectedPicture } from '../stream/stages/detect/detect.operator.js';
import { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import type { ReidMode } from '../stream/stages/reid/identity-options.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { openAnalyzer } from '../stream/backend/vision-backend.js';
import { FrameSemaphore } from './frame-semaphore.js';
import type { TrackSource } from './track.js';

/** What was found in one frame, and the frame: alive until the next set is asked for. */
export interface VideoSet extends DetectionSet, DetectedPicture {}

/** Every frame is detected on, whatever its rate. */
const EVERY_FRAME_FPS = 1000;
/** Where a frame's pixels are brought elsewhere, the source does not see that it is still in use. */
const FRAMES_IN_CHAIN = 4;
/** Of a video whose first frames do not tell. */
const DEFAULT_FPS = 30;

interface DetectionEvents {
  set: [VideoSet];
  end: [];
  error: [unknown];
}

/**
 * Finds the people in every frame of a video, in order; what was found waits until it is taken.
 * Without an embedder at hand (its model can't be had) the source has none.
 * @throws {@link DiptychError} where the file cannot be decoded or there is no detector.
 */
export async function openVideo(
  path: string,
  mode: ReidMode,
  signal: AbortSignal,
  wanted: Partial<GpuConfig> = {},
): Promise<TrackSource<VideoSet>> {
  const config = streamSchema.parse({ source: { url: path, loop: false }, reid: { mode } });
  const logger = createLogger({ level: 'warn' });
  const addon = loadAddon();
  const store = new ModelStore();
  const gpu = { ...gatewaySchema.parse({}).gpu, ...wanted };
  const analyzer = await openAnalyzer({ config, gpu, addon, store, logger, signal });
  const { detector, embedder } = analyzer;
  const session = await openSource(config.source, {
    pace: 'free',
    logger,
    memory: analyzer.memory,
    device: gpu.device,
  });
  const fps = await frameRateOf(path, signal);

  async function* detectAll(): AsyncGenerator<VideoSet, void> {
    const found = new EventEmitter<DetectionEvents>();
    // The loop below sees the first error; the same failure may be told twice.
    found.on('error', () => undefined);
    const semaphore = new FrameSemaphore(FRAMES_IN_CHAIN);
    let boxes: readonly Box[] = [];
    const subscription = session.frames$
      .pipe(
        concatMap(async (frame) => {
          await semaphore.acquire();
          return (await analyzer.toBackendMemory(frame)) ?? frame;
        }),
        detectEvery(detector, { maxFps: EVERY_FRAME_FPS, hints: () => boxes }),
      )
      .subscribe({
        next: ({ handle, width, height, ptsMs, detections: set }) => {
          const detections = set?.detections ?? [];
          boxes = detections.map(({ box }) => box);
          found.emit('set', { handle, width, height, ptsMs, detections });
        },
        error: (error: unknown) => found.emit('error', error),
        complete: () => found.emit('end'),
      });
    // A source that fails completes its frames too; the reason is worth more than the end.
    session.ended.catch((error: unknown) => found.emit('error', error));
    try {
      for await (const [set] of on(found, 'set', { close: ['end'], signal })) {
        const { handle } = set as VideoSet;
        try {
          yield set as VideoSet;
        } finally {
          addon.release(handle);
          semaphore.release();
        }
      }
      await session.ended;
    } catch (error) {
      throw explainLossInFile(error, addon.gpuLostReason());
    } finally {
      subscription.unsubscribe();
      await session.close();
      await analyzer.close();
    }
  }

  return {
    fps,
    sets: detectAll(),
    ...(embedder && {
      embedder: {
        metric: embedder.metric,
        embed: (requests, { handle, width, height, ptsMs, detections }) =>
          embedder.embed(requests, { handle, width, height, detections: { ptsMs, detections } }),
      },
    }),
  };
}

/** The first two frames tell it; they are decoded once more for tracking. */
async function frameRateOf(path: string, signal: AbortSignal): Promise<number> {
  const addon = loadAddon();
  const { source } = streamSchema.parse({ source: { url: path, loop: false } });
  const session = await openSource(source, { pace: 'free', logger: createLogger({ level: 'error' }) });
  try {
    const ptsMs = await new Promise<readonly number[]>((resolve, reject) => {
      const seen: number[] = [];
      session.frames$.subscribe({
        next: (frame) => {
          addon.release(frame.handle);
          seen.push(frame.ptsMs);
          if (seen.length === 2) resolve(seen);
        },
        // Failed sources complete their frames too.
        complete: () => void session.ended.then(() => resolve(seen), reject),
      });
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const [first, second] = ptsMs;
    if (first === undefined || second === undefined) return DEFAULT_FPS;
    return Math.round(100_000 / (second - first)) / 100;
  } finally {
    await session.close();
  }
}
