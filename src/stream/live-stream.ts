import { interval, map, Subject, tap } from 'rxjs';
import { maskUrl } from '../shared/config/mask-url.js';
import type { GpuConfig, StreamConfig } from '../shared/config/schema.js';
import type { Box } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { FrameHandle } from '../shared/domain/frame.js';
import { OutputGrid } from './domain/output-grid.js';
import { overlayBoxes } from './domain/overlay-boxes.js';
import type { SlotAction } from '../shared/domain/slot-action.js';
import { isGpuLost } from './backend/gpu/gpu-error.js';
import { ModelStore } from './models/model-store.adapter.js';
import { loadAddon } from './native/addon.adapter.js';
import type { NativeFrame } from './native/types.js';
import type { SlotCommand } from './stages/assign/assign-slots.operator.js';
import type { Artwork } from './stages/compose/native-painter.adapter.js';
import type { Painter } from './stages/compose/paint.operator.js';
import { detectLatest } from './stages/detect/detect.operator.js';
import type { Detector } from './stages/detect/detector.js';
import { openEncoder, type EncodeSession } from './stages/encode/encode-session.adapter.js';
import { rtpTimestampOf } from './stages/encode/rtp-time.js';
import { toBackendMemory } from './stages/ingest/to-backend-memory.operator.js';
import { chooseDecoders } from './stages/ingest/decoder-choice.js';
import { thisMachine } from './stages/ingest/decoder-machine.adapter.js';
import { openSource, type SourceSession } from './stages/ingest/source-session.adapter.js';
import type { SourceInfo, SourceOptions } from './stages/ingest/source-session.js';
import type { FrameEmbedder } from './stages/reid/embedder.js';
import { Backoff } from '../shared/retry/backoff.js';
import type { RtpDestination, StreamEvent, StreamReport } from '../shared/ipc/messages.js';
import { SourceSupervisor } from './supervision/source-supervisor.adapter.js';
import { TargetSupervisor } from './supervision/target-supervisor.adapter.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { StreamMonitor } from './monitor/stream-monitor.js';
import { drawArtwork, releaseArtwork } from './backend/artwork.js';
import { cpuPainter, openCpuBackend, openVisionBackend, type VisionBackendOptions } from './backend/vision-backend.js';
import { identityStage } from './identity-stage.js';
import { FailoverBackend } from './backend/failover-backend.js';
import { ResidencyLog } from './monitor/residency-log.js';
import { twoShot, type ComposedFrame, type KnownFrame } from './pipeline.js';

export interface LiveStreamOptions {
  readonly config: StreamConfig;
  readonly gpu: GpuConfig;
  readonly video: RtpDestination;
  readonly audio: RtpDestination;
  readonly logger: Logger;
  readonly report: (report: StreamReport) => void;
}

const STATUS_INTERVAL_MS = 1000;
/** Ticks of the output grid in one frame period. */
const TICKS_PER_FRAME = 4;
/** No frame for this long is told as `stalled`, ms. */
const STALL_MS = 500;
/** A camera that comes back is not waited for longer than this, ms. */
const SOURCE_RETRY_CAP_MS = 5_000;
/** The source's sound may run this far ahead of the mixer, ms. */
const SOUND_QUEUE_MS = 500;
const SNAPSHOT_QUALITY = 88;
/** Frames on their way to the card at once. */
const MAX_UPLOADS = 3;

/** Everything one stream has running, from its source to its targets. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #addon = loadAddon();
  readonly #slotCommands = new Subject<SlotCommand>();
  readonly #targets: TargetSupervisor;
  readonly #encoder: EncodeSession;
  readonly #monitor: StreamMonitor;
  readonly #source: SourceSupervisor<SourceSession>;
  readonly #backend: FailoverBackend;
  readonly #plates: Artwork['plates'];
  readonly #audit: ResidencyLog;
  #session: SourceSession | undefined;
  #droppedEarlier = 0;
  #latestPicture: FrameHandle | undefined;
  #reportedState: string | undefined;
  #latestBoxes: readonly Box[] = [];
  #sourceInfo: SourceInfo = {};

  private constructor(
    options: LiveStreamOptions,
    encoder: EncodeSession,
    backend: FailoverBackend,
    plates: Artwork['plates'],
  ) {
    const { config, logger } = options;
    this.#options = options;
    this.#encoder = encoder;
    this.#backend = backend;
    this.#plates = plates;
    this.#audit = new ResidencyLog({
      logger,
      backend: () => backend,
      encoder: () => ({ memory: encoder.inputMemory, element: encoder.encoder, reason: encoder.reason }),
    });
    this.#targets = new TargetSupervisor({ taps: encoder.taps, logger });
    this.#source = new SourceSupervisor<SourceSession>({
      open: () => openSource(config.source, { pace: 'live', logger, ...this.#decoding() }),
      backoff: new Backoff({ capMs: SOURCE_RETRY_CAP_MS, healthyAfterS: 5 }),
      nowMs: () => this.#addon.nowMs(),
      stallMs: STALL_MS,
      isFinal: ({ code }) => code === 'DIPTYCH_E_ELEMENT_MISSING' || code === 'DIPTYCH_E_CONFIG',
      onSession: (session) => this.#begin(session),
      onLost: (error, retryInMs) => this.#lose(error, retryInMs),
    });
    const { width, height, fps, bitrateKbps } = config.output;
    this.#monitor = new StreamMonitor(
      maskUrl(config.source.url),
      { width, height, fps, bitrateKbps, encoder: encoder.encoder },
      {
        condition: () => this.#source.condition,
        targets: () => this.#targets.status,
        droppedByGraphs: () => this.#droppedByGraphs(),
      },
    );
    encoder.info$.subscribe((info) => this.#monitor.describeEncoder(info.encoder, info.reason));
  }

  /**
   * Runs one stream until `signal` aborts, or its source ends for good.
   * @throws {@link DiptychError} when the encoder, the detector or the addon fails: the stream starts anew.
   */
  static async run(
    options: LiveStreamOptions,
    signal: AbortSignal,
    onReady: (stream: LiveStream) => void,
  ): Promise<void> {
    const { config, gpu, video, audio, logger } = options;
    const addon = loadAddon();
    const store = new ModelStore({ onNotice: (text) => logger.info(text) });
    const artwork = await drawArtwork(config, addon);
    let encoder: EncodeSession | undefined;
    let tell: (reason: string) => void = () => undefined;
    const backendOptions: VisionBackendOptions = {
      ...{ config, gpu, artwork, addon, store, logger, signal },
      pictureMemory: () => encoder?.inputMemory ?? 'system',
    };
    try {
      const backend = new FailoverBackend(await openVisionBackend(backendOptions), {
        addon,
        output: config.output,
        cpuPainter: cpuPainter(backendOptions),
        openFallback: (reason) => openCpuBackend(backendOptions, reason),
        onLost: (reason) => tell(reason),
      });
      try {
        logger.info({ model: backend.detector.model, reason: backend.detector.reason }, 'detector ready');
        encoder = await openEncoder(config.output, {
          ...{ video, audio, logger },
          memory: backend.memory,
          device: gpu.device,
        });
        const stream = new LiveStream(options, encoder, backend, artwork.plates);
        tell = (reason) => stream.#loseGpu(reason);
        try {
          await stream.#run(signal, onReady);
        } finally {
          await stream.#close();
        }
      } finally {
        await backend.close();
      }
    } finally {
      releaseArtwork(artwork, addon);
    }
  }

  forceKeyframe(): void {
    this.#encoder.forceKeyframe();
  }

  addTarget(id: string, url: string): void {
    this.#targets.add({ id, url });
    this.#reportStatus();
  }

  removeTarget(id: string): void {
    void this.#targets.remove(id).then(() => this.#reportStatus());
  }

  applySlots(action: SlotAction): void {
    this.#slotCommands.next({
      action,
      onError: (error) => this.#event('slots_refused', { action, reason: String(error) }),
    });
  }

  /** The composed picture now, as JPEG. */
  async snapshot(): Promise<Uint8Array> {
    if (this.#latestPicture === undefined) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'there is no picture yet; ask again in a second');
    }
    return this.#addon.encodeJpeg(this.#latestPicture, SNAPSHOT_QUALITY);
  }

  async #run(signal: AbortSignal, onReady: (stream: LiveStream) => void): Promise<void> {
    const { config } = this.#options;
    const { output } = config;
    const addon = this.#addon;
    const backend = this.#backend;
    for (const { id, url } of config.targets) this.#targets.add({ id: id ?? url, url });

    const frames$ = this.#source.frames$.pipe(
      tap(({ memory }) =>
        this.#audit.decoded(memory, { element: this.#sourceInfo.decoder, reason: this.#sourceInfo.decoderReason }),
      ),
      toBackendMemory({
        move: (frame: NativeFrame) => backend.toBackendMemory(frame),
        release: (handle) => addon.release(handle),
        maxUnderWay: MAX_UPLOADS,
        onDrop: () => this.#monitor.frameDropped(),
      }),
    );
    const composed$ = twoShot(frames$, {
      detect: detectLatest(this.#timedDetector(backend.detector), {
        maxFps: config.detect.maxFps,
        hints: () => this.#latestBoxes,
        frames: addon,
        // The frame went down with the card; the CPU looks at those that come.
        isForgiven: isGpuLost,
      }),
      track: { ...config.track, association: backend.embedder ? 'combined' : 'published' },
      ...(backend.embedder && { identify: this.#identityStage(backend.embedder) }),
      slots: { ...config.slots, holdS: config.framing.holdS, commands$: this.#slotCommands },
      grid: {
        grid: new OutputGrid({ fps: output.fps }),
        ticksMs$: interval(1000 / output.fps / TICKS_PER_FRAME).pipe(map(() => addon.nowMs())),
        release: (handle) => addon.release(handle),
        onSkip: () => this.#monitor.frameDropped(),
      },
      layout: { ...config.framing, output, plates: this.#plates.map((plate) => plate?.crop) },
      slate: output,
      condition: () => this.#source.condition,
      painter: this.#timed(backend.painter),
      onKnown: (frame) => this.#know(frame),
    });

    const stop = new AbortController();
    const ended = AbortSignal.any([signal, stop.signal]);
    const composing = new Promise<void>((resolve, reject) => {
      composed$.subscribe({ next: (frame) => this.#put(frame), error: reject, complete: resolve });
    });
    const running = this.#source.run(ended);
    const status = setInterval(() => this.#reportStatus(), STATUS_INTERVAL_MS);
    onReady(this);
    this.#reportStatus();
    try {
      await Promise.race([Promise.all([running, composing]), this.#encoder.failed, backend.failed]);
    } catch (error) {
      this.#monitor.fail(error instanceof Error ? error.message : String(error));
      this.#reportStatus();
      throw error;
    } finally {
      stop.abort();
      clearInterval(status);
      // The process may have other streams: nothing of this one may stay behind.
      await Promise.allSettled([running, composing]);
    }
  }

  /** Decoders are to leave pictures where the stream works; those of a lost card are not tried. */
  #decoding(): Pick<SourceOptions, 'memory' | 'device' | 'decoders'> {
    const { memory, lostReason } = this.#backend;
    if (lostReason === undefined) return { memory, device: this.#options.gpu.device };
    const machine = thisMachine(this.#addon);
    const has = (element: string): boolean => !element.startsWith('nv') && machine.has(element);
    return { memory, decoders: (wishes) => chooseDecoders({ ...machine, has }, wishes) };
  }

  /** The picture goes on; a source that was decoded on the card is opened anew on the CPU. */
  #loseGpu(reason: string): void {
    this.#options.logger.error({ reason }, 'the GPU is lost; the stream goes on on the CPU');
    this.#event('gpu_lost', { reason });
    if (this.#audit.decodedMemory === 'cuda') this.#source.restart(new DiptychError('DIPTYCH_E_GPU_LOST', reason));
    this.#reportStatus();
  }

  #begin(session: SourceSession): void {
    this.#session = session;
    // The sound goes to the mixer without passing JavaScript; the link ends with the session.
    this.#addon.link(session.audio, this.#encoder.audioInput, {
      maxQueueMs: SOUND_QUEUE_MS,
      startOnKeyframe: false,
    });
    session.info$.subscribe((info) => {
      this.#sourceInfo = info;
      this.#monitor.describeSource(info);
    });
    this.#event('source_opened', {});
  }

  #lose(error: DiptychError | undefined, retryInMs: number): void {
    const reason = error ? `${error.code}: ${error.message}` : 'the source ended';
    if (this.#session) this.#droppedEarlier += this.#session.dropped;
    this.#session = undefined;
    this.#monitor.sourceLost(reason);
    this.#options.logger.warn({ reason, retryInMs }, 'source lost; it is opened again');
    this.#event('source_lost', { reason, retryInMs });
    this.#reportStatus();
  }

  #know(frame: NativeFrame & KnownFrame): void {
    this.#latestBoxes = frame.tracks.map(({ box }) => box);
    this.#monitor.took('decode', Math.max(0, frame.arrivedMs - frame.ptsMs));
    this.#monitor.frameIn(frame.tracks, frame.slots);
    if (this.#reportedState !== this.#monitor.state) this.#reportStatus();
  }

  /** A composed picture goes to the encoder; it is kept until the next one, for snapshots. */
  #put({ outPtsMs, picture, sourceFrame, isNew, isLate, plan }: ComposedFrame): void {
    this.#encoder.push(picture, outPtsMs);
    if (this.#latestPicture !== undefined) this.#addon.release(this.#latestPicture);
    this.#latestPicture = picture;
    this.#monitor.frameOut({ isNew: isNew && !isLate });
    if (isLate) this.#monitor.frameDropped();
    if (isNew && sourceFrame) {
      const encodeMs = this.#encoder.stats.encodeMs;
      this.#monitor.took('encode', encodeMs);
      this.#monitor.took('total', this.#addon.nowMs() - sourceFrame.ptsMs + encodeMs);
    }
    this.#options.report({
      type: 'overlay',
      overlay: {
        rtpTimestamp: rtpTimestampOf(outPtsMs),
        layout: plan.layout,
        boxes: sourceFrame ? overlayBoxes(plan, sourceFrame.tracks, sourceFrame.slots) : [],
      },
    });
  }

  #identityStage(embedder: FrameEmbedder): ReturnType<typeof identityStage<NativeFrame>> {
    const { config, logger } = this.#options;
    return identityStage<NativeFrame>(embedder, {
      config: config.reid,
      answers: 'later',
      onIdentities: (events, counts) => {
        this.#monitor.identities(counts);
        for (const { name, ptsMs, ...details } of events) {
          this.#options.report({ type: 'event', event: { ptsMs, name, details } });
        }
      },
      onError: (error) => logger.warn({ err: error }, 'a face could not be looked at'),
    });
  }

  #timed(painter: Painter): Painter {
    return {
      paint: async (frame) => {
        const startedMs = this.#addon.nowMs();
        const picture = await painter.paint(frame);
        this.#monitor.took('compose', this.#addon.nowMs() - startedMs);
        return picture;
      },
      retain: (picture) => painter.retain(picture),
      release: (picture) => painter.release(picture),
    };
  }

  #timedDetector(detector: Detector): Detector {
    return {
      model: detector.model,
      reason: detector.reason,
      close: () => detector.close(),
      detect: async (frame, hints) => {
        const startedMs = this.#addon.nowMs();
        const found = await detector.detect(frame, hints);
        this.#monitor.took('detect', this.#addon.nowMs() - startedMs);
        return found;
      },
    };
  }

  #droppedByGraphs(): number {
    return this.#droppedEarlier + (this.#session?.dropped ?? 0);
  }

  #event(name: string, details: StreamEvent['details']): void {
    this.#options.report({ type: 'event', event: { ptsMs: this.#addon.nowMs(), name, details } });
  }

  #reportStatus(): void {
    this.#backend.check();
    this.#audit.tell();
    const status = { ...this.#monitor.read(), gpu: this.#backend.status(this.#audit.residencies) };
    this.#reportedState = status.state;
    this.#options.report({ type: 'status', status });
  }

  /** Targets first, so that what they were sent ends properly. */
  async #close(): Promise<void> {
    await this.#targets.close();
    await this.#encoder.close();
    this.#slotCommands.complete();
    if (this.#latestPicture !== undefined) this.#addon.release(this.#latestPicture);
    this.#latestPicture = undefined;
  }
}
