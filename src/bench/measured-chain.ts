import { concatMap } from 'rxjs';
import { runToEnd } from '../offline/run-to-end.js';
import { gatewaySchema, streamSchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import type { FrameMemory } from '../shared/domain/frame.js';
import { withResources } from '../shared/resource-stack.js';
import { createLogger } from '../shared/telemetry/logger.js';
import { drawArtwork, releaseArtwork } from '../stream/backend/artwork.js';
import { openVisionBackend } from '../stream/backend/open-backend.js';
import type { VisionBackend, VisionBackendOptions } from '../stream/backend/vision-backend.js';
import { ModelStore } from '../stream/models/model-store.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { pipelineOptions } from '../stream/pipeline-options.js';
import { twoShot, type ComposedFrame } from '../stream/pipeline.js';
import type { Artwork } from '../stream/stages/compose/native-painter.adapter.js';
import { FrameSemaphore } from '../stream/stages/ingest/frame-semaphore.js';
import { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import { timedChain, type StageTimes, type TimedChain } from './stage-times.js';

/** What a chain works on. */
export type Processor = 'gpu' | 'cpu';

/** A chain that is to be measured. */
export interface ChainConfig {
  /** What it works on. */
  readonly processor: Processor;
  /** Its source is the clip. */
  readonly stream: StreamConfig;
  /** Where composed pictures are left. @defaultValue where the chain works */
  readonly pictureMemory?: FrameMemory;
  /** Of the networks on the GPU; the first chain of a process decides. @defaultValue 'auto' */
  readonly precision?: GpuConfig['precision'];
  /** Beside others in the process; the first chain of a process decides. @defaultValue false */
  readonly isShared?: boolean;
  /** As `gpu.maxBatch`; the first chain of a process decides. @defaultValue 8 */
  readonly maxBatch?: number;
  /** What is drawn once, where several chains share it. @defaultValue drawn for this one */
  readonly artwork?: Artwork;
}

/** A chain's backend, with all that must be released in the end. */
export interface OpenedBackend {
  /** Detects, embeds and paints. */
  readonly backend: VisionBackend;
  /** What it was opened with. */
  readonly options: VisionBackendOptions;
  /** Releases the backend, and the artwork where it was drawn for it. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Frames on their way through the chain at once. */
const FRAMES_IN_CHAIN = 8;

/** Of benchmarks: warnings only. */
export const logger = createLogger({ level: 'warn' });

/** The configuration of a stream with this file, sizes of output and source being the same. */
export function streamConfigFor(
  clip: string,
  output: { readonly width: number; readonly height: number },
  more: object = {},
): StreamConfig {
  return streamSchema.parse({ source: { url: clip }, output: { width: output.width, height: output.height }, ...more });
}

/**
 * Opens a chain's backend.
 * @throws {@link DiptychError} `DIPTYCH_E_GPU` where the GPU is asked for and can't be used.
 */
export function openChainBackend(
  { processor, stream, pictureMemory, precision = 'auto', isShared = false, maxBatch, artwork: shared }: ChainConfig,
  signal: AbortSignal,
): Promise<OpenedBackend> {
  return withResources(async (resources) => {
    const addon = loadAddon();
    const { gpu } = gatewaySchema.parse({ gpu: { use: processor === 'gpu' ? 'require' : 'off', precision, maxBatch } });
    const artwork =
      shared ?? resources.adopt(await drawArtwork(stream, addon), (drawn) => releaseArtwork(drawn, addon));
    const options: VisionBackendOptions = {
      ...{ config: stream, gpu: { ...gpu, isShared }, artwork, addon, store: new ModelStore(), logger, signal },
      pictureMemory: () => pictureMemory ?? (processor === 'gpu' ? 'cuda' : 'system'),
    };
    const backend = resources.adopt(await openVisionBackend(options), (opened) => opened.close());
    const kept = resources.move();
    return { backend, options, close: () => kept.close() };
  });
}

/** What a chain did. */
export interface FreeRun {
  /** Composed frames of all rounds. */
  readonly frames: number;
  /** Frames a second, from the first composed frame to the last of each round. */
  readonly fps: number;
  /** Each call's time beyond the end of the one before it, ms. */
  readonly stageMs: StageTimes;
  /** Element that decoded. */
  readonly decoder: string;
}

/** What a chain is run over. */
export interface FreeRunOptions {
  /** Its source is the clip. */
  readonly stream: StreamConfig;
  /** About how long: a clip that is over before goes round again. @defaultValue once, to the clip's end */
  readonly seconds?: number;
  /** Sees every composed frame; the picture is alive until it resolves. */
  readonly onFrame?: (frame: ComposedFrame, index: number) => void | Promise<void>;
}

/**
 * Runs a clip through the chain as `render` does, as fast as it goes and with every answer awaited,
 * without an encoder.
 *
 * @throws {@link DiptychError} where the clip cannot be decoded or a stage fails; the reason of `signal`.
 */
export async function runFreely(
  backend: VisionBackend,
  options: FreeRunOptions,
  signal: AbortSignal,
): Promise<FreeRun> {
  const chain = timedChain(backend);
  let frames = 0;
  let intervals = 0;
  let workedMs = 0;
  let decoder = 'unknown';
  do {
    const earlier = { frames, ms: workedMs };
    const round = await runOnce(chain, { ...options, memory: backend.memory, earlier }, signal);
    if (round.frames === 0) break;
    frames += round.frames;
    intervals += round.frames - 1;
    workedMs += round.ms;
    decoder = round.decoder;
  } while (options.seconds !== undefined && workedMs < options.seconds * 1000 && !signal.aborted);
  signal.throwIfAborted();
  return { frames, fps: (intervals * 1000) / Math.max(workedMs, 1e-3), stageMs: chain.times, decoder };
}

interface RoundOptions extends FreeRunOptions {
  readonly memory: FrameMemory;
  readonly earlier: { readonly frames: number; readonly ms: number };
}

interface Round {
  readonly frames: number;
  readonly ms: number;
  readonly decoder: string;
}

function runOnce(
  { backend, listeners }: TimedChain,
  { stream, seconds = Infinity, onFrame, memory, earlier }: RoundOptions,
  signal: AbortSignal,
): Promise<Round> {
  return withResources(async (resources) => {
    const addon = loadAddon();
    const session = await openSource(stream.source, { pace: 'free', memory, logger });
    resources.defer(() => session.close());
    let decoder = 'unknown';
    session.info$.subscribe((info) => (decoder = info.decoder ?? decoder));
    let frames = 0;
    let begunMs = 0;
    let ms = 0;
    const semaphore = new FrameSemaphore({
      maxFrames: FRAMES_IN_CHAIN,
      release: (handle) => addon.release(handle),
    });
    const options = pipelineOptions({
      ...{ config: stream, backend, addon, listeners },
      pace: { answers: 'awaited', semaphore },
    });
    const composed$ = twoShot(session.frames$, options).pipe(
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
    await runToEnd(composed$, { failures: [session.ended] });
    return { frames, ms, decoder };
  });
}
