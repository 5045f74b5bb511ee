import { concatMap, lastValueFrom, map, pipe, tap, type Observable } from 'rxjs';
import { gatewaySchema, streamSchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import type { Box } from '../shared/domain/box.js';
import type { FrameMemory } from '../shared/domain/frame.js';
import { OutputGrid } from '../stream/domain/output-grid.js';
import { ModelStore } from '../stream/models/model-store.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import type { NativeFrame } from '../stream/native/types.js';
import type { Artwork } from '../stream/stages/compose/native-painter.adapter.js';
import type { Painter } from '../stream/stages/compose/paint.operator.js';
import { detectEvery, type Detected } from '../stream/stages/detect/detect.operator.js';
import type { Detector } from '../stream/stages/detect/detector.js';
import { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import type { FrameEmbedder } from '../stream/stages/reid/embedder.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { drawArtwork, releaseArtwork } from '../stream/backend/artwork.js';
import { openVisionBackend, type VisionBackend, type VisionBackendOptions } from '../stream/backend/vision-backend.js';
import { FrameSemaphore } from '../offline/frame-semaphore.js';
import { identityStage } from '../stream/identity-stage.js';
import { twoShot, type ComposedFrame, type TrackedPicture } from '../stream/pipeline.js';

/** Where the chain works. */
export type Place = 'gpu' | 'cpu';

/** What is timed inside the chain. */
export const CHAIN_STAGES = ['detect', 'track', 'reid', 'compose'] as const;
export type ChainStage = (typeof CHAIN_STAGES)[number];

export interface ChainConfig {
  readonly place: Place;
  readonly stream: StreamConfig;
  /** Where composed pictures are left. @defaultValue where the chain works */
  readonly pictureMemory?: FrameMemory;
  /** Of the networks on the GPU; the first chain of a process decides. @defaultValue 'auto' */
  readonly precision?: GpuConfig['precision'];
  /** What is drawn once, where several chains share it. @defaultValue drawn for this one */
  readonly artwork?: Artwork;
}

/** A chain's backend, with all that must be given back in the end. */
export interface OpenedBackend {
  readonly backend: VisionBackend;
  /** What it was opened with. */
  readonly options: VisionBackendOptions;
  readonly close: () => Promise<void>;
}

/** Frames on their way through the chain at once. */
const FRAMES_IN_CHAIN = 8;

export const logger = createLogger({ level: 'warn' });

/** The configuration of a stream with this file, sizes of output and source being the same. */
export function streamConfigFor(
  clip: string,
  output: { readonly width: number; readonly height: number },
  more: object = {},
): StreamConfig {
  return streamSchema.parse({ source: { url: clip }, output: { width: output.width, height: output.height }, ...more });
}

/** @throws {@link DiptychError} `DIPTYCH_E_GPU` where the GPU is asked for and can't be used. */
export async function openChainBackend(
  { place, stream, pictureMemory, precision = 'auto', artwork: shared }: ChainConfig,
  signal: AbortSignal,
): Promise<OpenedBackend> {
  const addon = loadAddon();
  const { gpu } = gatewaySchema.parse({ gpu: { use: place === 'gpu' ? 'require' : 'off', precision } });
  const artwork = shared ?? (await drawArtwork(stream, addon));
  const giveBack = (): void => {
    if (!shared) releaseArtwork(artwork, addon);
  };
  const options: VisionBackendOptions = {
    config: stream,
    gpu,
    artwork,
    addon,
    store: new ModelStore(),
    logger,
    signal,
    pictureMemory: () => pictureMemory ?? (place === 'gpu' ? 'cuda' : 'system'),
  };
  try {
    const backend = await openVisionBackend(options);
    return {
      backend,
      options,
      close: async () => {
        await backend.close();
        giveBack();
      },
    };
  } catch (error) {
    giveBack();
    throw error;
  }
}

export interface FreeRun {
  readonly frames: number;
  /** Frames a second, from the first composed frame to the last of each round. */
  readonly fps: number;
  /** Each call's time beyond the end of the one before it, ms. */
  readonly stageMs: Readonly<Record<ChainStage, readonly number[]>>;
  /** Element that decoded. */
  readonly decoder: string;
}

export interface FreeRunOptions {
  readonly stream: StreamConfig;
  /** About how long: a clip that is over before goes round again. @defaultValue once, to the clip's end */
  readonly seconds?: number;
  /** Looks at every composed frame; the picture is alive until it resolves. */
  readonly onFrame?: (frame: ComposedFrame, index: number) => void | Promise<void>;
}

/**
 * Runs a clip through the chain as `render` does, as fast as it goes and with every answer awaited,
 * without an encoder.
 */
export async function runFreely(
  backend: VisionBackend,
  options: FreeRunOptions,
  signal: AbortSignal,
): Promise<FreeRun> {
  const times = timesOfStages();
  const timed = timedBackend(backend, times);
  let frames = 0;
  let intervals = 0;
  let workedMs = 0;
  let decoder = 'unknown';
  do {
    const round = await runOnce(
      timed,
      { ...options, memory: backend.memory, earlier: { frames, ms: workedMs } },
      signal,
    );
    if (round.frames === 0) break;
    frames += round.frames;
    intervals += round.frames - 1;
    workedMs += round.ms;
    decoder = round.decoder;
  } while (options.seconds !== undefined && workedMs < options.seconds * 1000 && !signal.aborted);
  signal.throwIfAborted();
  return { frames, fps: (intervals * 1000) / Math.max(workedMs, 1e-3), stageMs: times, decoder };
}

interface RoundOptions extends FreeRunOptions {
  readonly memory: FrameMemory;
  readonly earlier: { readonly frames: number; readonly ms: number };
}

async function runOnce(
  backend: TimedBackend,
  { stream, seconds = Infinity, onFrame, memory, earlier }: RoundOptions,
  signal: AbortSignal,
): Promise<{ readonly frames: number; readonly ms: number; readonly decoder: string }> {
  const addon = loadAddon();
  const session = await openSource(stream.source, { pace: 'free', memory, logger });
  let decoder = 'unknown';
  const known = session.info$.subscribe((info) => (decoder = info.decoder ?? decoder));
  let frames = 0;
  let begunMs = 0;
  let ms = 0;
  const composed$ = composeAwaited(session.frames$, stream, backend).pipe(
    concatMap(async (frame) => {
      await onFrame?.(frame, earlier.frames + frames);
      addon.release(frame.picture);
      if (frames === 0) begunMs = performance.now();
      frames += 1;
      ms = performance.now() - begunMs;
      // What is under way comes to its end, so that nothing stays behind.
      if (signal.aborted || earlier.ms + ms >= seconds * 1000) void session.close();
    }),
  );
  try {
    await Promise.race([
      lastValueFrom(composed$, { defaultValue: undefined }),
      // Failed sources complete their frames too.
      session.ended.then(() => new Promise<never>(() => undefined)),
    ]);
    return { frames, ms, decoder };
  } finally {
    known.unsubscribe();
    await session.close();
  }
}

type StageTimes = Record<ChainStage, number[]>;

export const timesOfStages = (): StageTimes => ({ detect: [], track: [], reid: [], compose: [] });

export interface TimedBackend extends Pick<VisionBackend, 'detector' | 'embedder' | 'painter' | 'toBackendMemory'> {
  /** The tracker answered in this time, ms. */
  tracked(ms: number): void;
}

/** An backend that writes down how long each call took, from the end of the one before it where that was later. */
export function timedBackend(backend: VisionBackend, times: StageTimes): TimedBackend {
  const endedMs = { detect: 0, track: 0, reid: 0, compose: 0 };
  const timed = async <T>(stage: ChainStage, work: Promise<T>): Promise<T> => {
    const begunMs = performance.now();
    const result = await work;
    const nowMs = performance.now();
    times[stage].push(nowMs - Math.max(begunMs, endedMs[stage]));
    endedMs[stage] = nowMs;
    return result;
  };
  const { detector, embedder, painter } = backend;
  const timedDetector: Detector = {
    ...detector,
    detect: (frame, hints) => timed('detect', detector.detect(frame, hints)),
  };
  const timedEmbedder: FrameEmbedder | undefined = embedder && {
    ...embedder,
    embed: (requests, picture) => timed('reid', embedder.embed(requests, picture)),
  };
  const timedPainter: Painter = {
    paint: (frame) => timed('compose', painter.paint(frame)),
    retain: (picture) => painter.retain(picture),
    release: (picture) => painter.release(picture),
  };
  return {
    detector: timedDetector,
    ...(timedEmbedder && { embedder: timedEmbedder }),
    painter: timedPainter,
    toBackendMemory: (frame) => backend.toBackendMemory(frame),
    tracked: (ms) => void times.track.push(ms),
  };
}

function composeAwaited(
  frames$: Observable<NativeFrame>,
  stream: StreamConfig,
  backend: TimedBackend,
): Observable<ComposedFrame> {
  const addon = loadAddon();
  const { detector, embedder, painter } = backend;
  let boxes: readonly Box[] = [];
  let handedOnMs = 0;
  const semaphore = new FrameSemaphore(FRAMES_IN_CHAIN);
  const brought$ = frames$.pipe(
    concatMap(async (frame: NativeFrame) => {
      await semaphore.acquire();
      return (await backend.toBackendMemory(frame)) ?? frame;
    }),
  );
  return twoShot(brought$, {
    detect: pipe(
      detectEvery<NativeFrame>(detector, { maxFps: stream.detect.maxFps, hints: () => boxes }),
      tap(({ detections }: Detected<NativeFrame>) => {
        if (detections) boxes = detections.detections.map(({ box }) => box);
        handedOnMs = performance.now();
      }),
    ),
    track: { ...stream.track, association: embedder ? 'combined' : 'published' },
    // The tracker answers at once, so what has passed since the tap above is its time.
    identify: pipe(
      map((frame: TrackedPicture<NativeFrame>) => {
        backend.tracked(performance.now() - handedOnMs);
        return frame;
      }),
      embedder
        ? identityStage<NativeFrame>(embedder, {
            config: stream.reid,
            answers: 'awaited',
            onIdentities: () => undefined,
          })
        : map((frame) => frame),
    ),
    slots: { ...stream.slots, holdS: stream.framing.holdS },
    grid: {
      grid: new OutputGrid({ fps: stream.output.fps }),
      release: (handle) => {
        addon.release(handle);
        semaphore.release();
      },
    },
    layout: { ...stream.framing, output: stream.output },
    slate: stream.output,
    condition: () => 'live',
    painter,
    // Nothing is repeated for want of time: the source waits.
    paint: { maxInFlight: Number.POSITIVE_INFINITY },
  });
}

/** Decodes a clip as fast as it goes, nothing else. */
export async function decodeFreely(
  clip: string,
  memory: FrameMemory,
  { seconds = Infinity, signal }: { readonly seconds?: number; readonly signal: AbortSignal },
): Promise<{ readonly fps: number; readonly intervalsMs: readonly number[]; readonly decoder: string }> {
  const addon = loadAddon();
  const { source } = streamSchema.parse({ source: { url: clip } });
  const session = await openSource(source, { pace: 'free', memory, logger });
  let decoder = 'unknown';
  const known = session.info$.subscribe((info) => (decoder = info.decoder ?? decoder));
  const intervalsMs: number[] = [];
  let begunMs: number | undefined;
  let lastMs = 0;
  try {
    await Promise.race([
      lastValueFrom(
        session.frames$.pipe(
          tap(({ handle }) => {
            addon.release(handle);
            const nowMs = performance.now();
            if (begunMs !== undefined) intervalsMs.push(nowMs - lastMs);
            begunMs ??= nowMs;
            lastMs = nowMs;
            if (signal.aborted || lastMs - begunMs >= seconds * 1000) void session.close();
          }),
        ),
        { defaultValue: undefined },
      ),
      session.ended.then(() => new Promise<never>(() => undefined)),
    ]);
    const elapsedMs = Math.max(1e-3, lastMs - (begunMs ?? lastMs));
    return { fps: (intervalsMs.length * 1000) / elapsedMs, intervalsMs, decoder };
  } finally {
    known.unsubscribe();
    await session.close();
  }
}
