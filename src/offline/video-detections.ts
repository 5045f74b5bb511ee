import { EventEmitter, on } from 'node:events';
import { streamSchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import { withResources } from '../shared/resource-stack.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { explainLossInFile } from '../stream/backend/gpu/gpu-error.js';
import { openAnalyzer } from '../stream/backend/open-backend.js';
import type { Analyzer } from '../stream/backend/vision-backend.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { detectPeopleOptions } from '../stream/pipeline-options.js';
import { detectPeople } from '../stream/pipeline.js';
import type { DetectedPicture } from '../stream/stages/detect/detect.operator.js';
import { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import type { FrameEmbedder } from '../stream/stages/reid/embedder.js';
import { sketchPicture } from '../stream/stages/reid/picture-sketch.adapter.js';
import type { ReidMode } from '../stream/stages/reid/identity-options.js';
import { openFileChain, type FileChain } from './file-chain.js';
import type { TrackSource } from './track.js';

/** The detections of one frame, and the frame: alive until the next set is asked for. */
export interface VideoSet extends DetectionSet, DetectedPicture {}

/** How a video is opened, in this order. */
export interface VideoSteps {
  /** Networks. */
  readonly openAnalyzer: typeof openAnalyzer;
  /** The file, the first time; its frame rate is read from a session of its own. */
  readonly openSource: typeof openSource;
  /** Reads the frame rate. */
  readonly readFrameRate: (path: string, signal: AbortSignal) => Promise<number>;
}

/** How a video is detected on. */
export interface VideoOptions {
  /** How often faces are embedded. */
  readonly reid: ReidMode;
  /** What differs from a stream's defaults. */
  readonly stream?: Partial<Omit<StreamConfig, 'id' | 'source' | 'targets' | 'reid'>>;
  /** The model of embeddings, and when identities count as uncertain. @defaultValue those of `reid` */
  readonly identities?: Partial<Omit<StreamConfig['reid'], 'mode'>>;
  /** What differs from the defaults of `gpu`. */
  readonly gpu?: Partial<GpuConfig> | undefined;
  /** Those to be made otherwise, e.g. to fail in a test. @defaultValue none */
  readonly steps?: Partial<VideoSteps>;
}

/** Every frame is detected on, whatever its rate. */
const EVERY_FRAME_FPS = 1000;
/** Of a video whose first frames do not tell. */
const DEFAULT_FPS = 30;
const STEPS: VideoSteps = { openAnalyzer, openSource, readFrameRate };

/**
 * Detects people in every frame of a video, in order; detections wait until they are taken. Where the
 * embedder's model is not there and cannot be fetched, the source has none. The caller closes it.
 *
 * @throws {@link DiptychError} where the file cannot be decoded or there is no detector.
 */
export function openVideo(
  path: string,
  { reid, gpu, ...options }: VideoOptions,
  signal: AbortSignal,
): Promise<TrackSource<VideoSet>> {
  const steps = { ...STEPS, ...options.steps };
  const config = {
    ...streamSchema.parse({ source: { url: path, loop: false }, reid: { ...options.identities, mode: reid } }),
    ...options.stream,
  };
  return withResources(async (resources) => {
    const chain = await openFileChain(
      {
        ...{ config, gpu, signal, logger: createLogger({ level: 'warn' }) },
        ...{ openBackend: steps.openAnalyzer, open: steps.openSource },
      },
      resources,
    );
    const fps = await steps.readFrameRate(path, signal);
    resources.defer(() => chain.semaphore.releaseAll());
    const kept = resources.move();
    const { embedder } = chain.backend;
    return {
      fps,
      sets: detectAll(chain, signal),
      durationMs: () => chain.session.durationMs,
      ...(embedder && {
        embedder: embedderOfSets(embedder),
        sketch: (set) => set.sketch ?? sketchPicture(set, loadAddon()),
      }),
      close: () => kept.close(),
    };
  });
}

interface DetectionEvents {
  set: [VideoSet];
  end: [];
  error: [unknown];
}

async function* detectAll(
  { backend, session, semaphore }: FileChain<Analyzer>,
  signal: AbortSignal,
): AsyncGenerator<VideoSet, void> {
  const addon = loadAddon();
  const found = new EventEmitter<DetectionEvents>();
  // The loop below sees the first error; the same failure may be told twice.
  found.on('error', () => undefined);
  const options = detectPeopleOptions({
    ...{ backend, addon, config: { detect: { maxFps: EVERY_FRAME_FPS } } },
    pace: { answers: 'awaited', semaphore },
  });
  const subscription = session.frames$.pipe(detectPeople(options)).subscribe({
    next: ({ handle, width, height, ptsMs, detections }) =>
      found.emit('set', { handle, width, height, ptsMs, detections: detections?.detections ?? [] }),
    error: (error: unknown) => found.emit('error', error),
    complete: () => found.emit('end'),
  });
  // A source that fails completes its frames, too; the reason is worth more than the end.
  session.ended.catch((error: unknown) => found.emit('error', error));
  try {
    for await (const [set] of on(found, 'set', { close: ['end'], signal })) {
      try {
        yield set as VideoSet;
      } finally {
        semaphore.release((set as VideoSet).handle);
      }
    }
    await session.ended;
  } catch (error) {
    throw explainLossInFile(error, addon.gpuLostReason());
  } finally {
    subscription.unsubscribe();
    semaphore.releaseAll();
  }
}

const embedderOfSets = (embedder: FrameEmbedder): NonNullable<TrackSource<VideoSet>['embedder']> => ({
  metric: embedder.metric,
  embed: (requests, { handle, width, height, ptsMs, detections }) =>
    embedder.embed(requests, { handle, width, height, detections: { ptsMs, detections } }),
});

/** The first two frames tell it; they are decoded once more for tracking. */
function readFrameRate(path: string, signal: AbortSignal): Promise<number> {
  const addon = loadAddon();
  const { source } = streamSchema.parse({ source: { url: path, loop: false } });
  return withResources(async (resources) => {
    const session = resources.adopt(
      await openSource(source, { pace: 'free', logger: createLogger({ level: 'error' }) }),
      (opened) => opened.close(),
    );
    const [first, second] = await new Promise<readonly number[]>((resolve, reject) => {
      const seenMs: number[] = [];
      session.frames$.subscribe({
        next: (frame) => {
          addon.release(frame.handle);
          seenMs.push(frame.ptsMs);
          if (seenMs.length === 2) resolve(seenMs);
        },
        // Failed sources complete their frames too.
        complete: () => void session.ended.then(() => resolve(seenMs), reject),
      });
      const interrupt = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', interrupt, { once: true });
      resources.defer(() => signal.removeEventListener('abort', interrupt));
    });
    if (first === undefined || second === undefined) return DEFAULT_FPS;
    return Math.round(100_000 / (second - first)) / 100;
  });
}
