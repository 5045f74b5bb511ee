import { interval, map, Subject } from 'rxjs';
import { maskUrl } from '#config/mask-url.js';
import type { GpuConfig, StreamConfig } from '#config/schema.js';
import type { Box } from '#domain/box.js';
import { DiptychError } from '#domain/errors.js';
import type { FrameHandle } from '#domain/frame.js';
import { OutputGrid } from '#domain/output-grid.js';
import { overlayBoxes } from '#domain/overlay.js';
import type { SlotAction } from '#domain/slot-action.js';
import { ModelStore } from '#inference/model-store.adapter.js';
import { loadAddon } from '#native/addon.adapter.js';
import type { NativeFrame } from '#native/types.js';
import type { SlotCommand } from '#stages/assign/assign-slots.operator.js';
import { NativePainter } from '#stages/compose/native-painter.adapter.js';
import type { Painter } from '#stages/compose/paint.operator.js';
import { renderSlate } from '#stages/compose/slate.adapter.js';
import { detectLatest } from '#stages/detect/detect.operator.js';
import { createDetector } from '#stages/detect/detector.adapter.js';
import type { Detector } from '#stages/detect/detector.js';
import { openEncoder, type EncodeSession } from '#stages/encode/encode-session.adapter.js';
import { rtpTimestampOf } from '#stages/encode/rtp-time.js';
import { openSource, type SourceSession } from '#stages/ingest/source-session.adapter.js';
import type { FrameEmbedder } from '#stages/reid/embedder.js';
import { Backoff } from '#supervision/backoff.js';
import type { RtpDestination, StreamEvent, StreamReport } from '#supervision/messages.js';
import { SourceSupervisor } from '#supervision/source-supervisor.adapter.js';
import { TargetSupervisor } from '#supervision/target-supervisor.adapter.js';
import type { Logger } from '#telemetry/logger.js';
import { StreamMonitor } from '#telemetry/stream-monitor.js';
import { identityStage, openEmbedder } from './identity-chain.js';
import { twoShot, type ComposedFrame, type KnownFrame } from './pipeline.js';

export interface LiveStreamOptions {
  readonly config: StreamConfig;
  readonly gpu: GpuConfig;
  readonly video: RtpDestination;
  readonly audio: RtpDestination;
  readonly logger: Logger;
  readonly report: (report: StreamReport) => void;
}

type OpeningParts = readonly [
  detector: Promise<Detector>,
  embedder: Promise<FrameEmbedder | undefined>,
  ...slates: Promise<FrameHandle>[],
];

const CONNECTING = { title: 'Connecting to the camera', subtitle: 'The picture appears as soon as it is there.' };
const RECONNECTING = { title: 'Reconnecting to the camera', subtitle: 'The picture comes back by itself.' };

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

/** Everything one stream has running, from its source to its targets. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #addon = loadAddon();
  readonly #slotCommands = new Subject<SlotCommand>();
  readonly #targets: TargetSupervisor;
  readonly #encoder: EncodeSession;
  readonly #monitor: StreamMonitor;
  readonly #source: SourceSupervisor<SourceSession>;
  #session: SourceSession | undefined;
  #droppedEarlier = 0;
  #latestPicture: FrameHandle | undefined;
  #reportedState: string | undefined;
  #latestBoxes: readonly Box[] = [];

  private constructor(options: LiveStreamOptions, encoder: EncodeSession) {
    const { config, logger } = options;
    this.#options = options;
    this.#encoder = encoder;
    this.#targets = new TargetSupervisor({ taps: encoder.taps, logger });
    this.#source = new SourceSupervisor<SourceSession>({
      open: () => openSource(config.source, { pace: 'live', logger }),
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
   * @throws {@link DiptychError} when the encoder, the detector or the addon fails: the process starts anew.
   */
  static async run(
    options: LiveStreamOptions,
    signal: AbortSignal,
    onReady: (stream: LiveStream) => void,
  ): Promise<void> {
    const { config, video, audio, logger } = options;
    const encoder = await openEncoder(config.output, { video, audio, logger });
    const stream = new LiveStream(options, encoder);
    try {
      await stream.#run(signal, onReady);
    } finally {
      await stream.#close();
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
    const { config, logger } = this.#options;
    const { output } = config;
    const addon = this.#addon;
    const store = new ModelStore({ onNotice: (text) => logger.info(text) });
    const opening = [
      createDetector(config.detect, { addon, store, signal }),
      openEmbedder(config.reid, { addon, store, logger, signal }),
      renderSlate(output, CONNECTING),
      renderSlate(output, RECONNECTING),
    ] as const;
    const [detector, embedder, connecting, reconnecting] = await Promise.all(opening).catch(async (error: unknown) => {
      await this.#abandon(opening);
      throw error;
    });
    logger.info({ model: detector.model, reason: detector.reason }, 'detector ready');
    for (const { id, url } of config.targets) this.#targets.add({ id: id ?? url, url });

    const painter = this.#timed(new NativePainter(addon, output, { connecting, reconnecting }));
    const composed$ = twoShot(this.#source.frames$, {
      detect: detectLatest(this.#timedDetector(detector), {
        maxFps: config.detect.maxFps,
        hints: () => this.#latestBoxes,
        frames: addon,
      }),
      track: { ...config.track, association: embedder ? 'combined' : 'published' },
      ...(embedder && { identify: this.#identityStage(embedder) }),
      slots: { ...config.slots, holdS: config.framing.holdS, commands$: this.#slotCommands },
      grid: {
        grid: new OutputGrid({ fps: output.fps }),
        ticksMs$: interval(1000 / output.fps / TICKS_PER_FRAME).pipe(map(() => addon.nowMs())),
        release: (handle) => addon.release(handle),
        onSkip: () => this.#monitor.frameDropped(),
      },
      layout: { ...config.framing, output },
      slate: output,
      condition: () => this.#source.condition,
      painter,
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
      await Promise.race([Promise.all([running, composing]), this.#encoder.failed]);
    } catch (error) {
      this.#monitor.fail(error instanceof Error ? error.message : String(error));
      this.#reportStatus();
      throw error;
    } finally {
      stop.abort();
      clearInterval(status);
      // The process may have other streams: nothing of this one may stay behind.
      await Promise.allSettled([running, composing]);
      await Promise.all([detector.close(), embedder?.close()]);
      addon.release(connecting);
      addon.release(reconnecting);
    }
  }

  /** Gives back what could be opened beside what could not. */
  async #abandon([detector, embedder, ...slates]: OpeningParts): Promise<void> {
    const give = <T>(part: Promise<T>, back: (opened: T) => unknown): Promise<unknown> =>
      part.then(back, () => undefined);
    await Promise.all([
      give(detector, (opened) => opened.close()),
      give(embedder, (opened) => opened?.close()),
      ...slates.map((slate) => give(slate, (opened) => this.#addon.release(opened))),
    ]);
  }

  #begin(session: SourceSession): void {
    this.#session = session;
    // The sound goes to the mixer without passing JavaScript; the link ends with the session.
    this.#addon.link(session.audio, this.#encoder.audioInput, {
      maxQueueMs: SOUND_QUEUE_MS,
      startOnKeyframe: false,
    });
    session.info$.subscribe((info) => this.#monitor.describeSource(info));
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

  #know(frame: KnownFrame): void {
    this.#latestBoxes = frame.tracks.map(({ box }) => box);
    this.#monitor.took('decode', Math.max(0, this.#addon.frameInfo(frame.handle).arrivedMs - frame.ptsMs));
    this.#monitor.frameIn(frame.tracks, frame.slots);
    if (this.#reportedState !== this.#monitor.state) this.#reportStatus();
  }

  /** A composed picture goes to the encoder; it is kept until the next one, for snapshots. */
  #put({ outPtsMs, picture, moment, isNew, isLate, plan }: ComposedFrame): void {
    this.#encoder.push(picture, outPtsMs);
    if (this.#latestPicture !== undefined) this.#addon.release(this.#latestPicture);
    this.#latestPicture = picture;
    this.#monitor.frameOut({ isNew: isNew && !isLate });
    if (isLate) this.#monitor.frameDropped();
    if (isNew && moment) {
      const encodeMs = this.#encoder.stats.encodeMs;
      this.#monitor.took('encode', encodeMs);
      this.#monitor.took('total', this.#addon.nowMs() - moment.ptsMs + encodeMs);
    }
    this.#options.report({
      type: 'overlay',
      overlay: {
        rtpTimestamp: rtpTimestampOf(outPtsMs),
        layout: plan.layout,
        boxes: moment ? overlayBoxes(plan, moment.tracks, moment.slots) : [],
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
    const status = this.#monitor.read();
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
