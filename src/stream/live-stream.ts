import { of, Subject, take, tap } from 'rxjs';
import { anySignal } from '../shared/any-signal.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { AskedShot } from '../shared/domain/shot.js';
import { withResources, type ResourceStack } from '../shared/resource-stack.js';
import { drawArtwork, releaseArtwork } from './backend/artwork.js';
import { cpuPainter, openCpuBackend } from './backend/cpu-backend.js';
import { FailoverBackend } from './backend/failover-backend.js';
import { openVisionBackend } from './backend/open-backend.js';
import type { VisionBackendOptions } from './backend/vision-backend.js';
import { LivePlates } from './backend/live-plates.adapter.js';
import { LiveSource } from './live-source.js';
import type { LiveStreamOptions, LiveStreamSteps } from './live-stream-options.js';
import { LoadControl } from './load-control.js';
import { ModelStore } from './models/model-store.adapter.js';
import { LatestPicture } from './monitor/latest-picture.js';
import { timedBackend } from './monitor/timed-backend.js';
import { loadAddon } from './native/addon.adapter.js';
import { pipelineOptions } from './pipeline-options.js';
import { twoShot, type ComposedFrame } from './pipeline.js';
import type { Artwork } from './stages/compose/native-painter.adapter.js';
import type { SlotCommand } from './stages/assign/assign-slots.operator.js';
import { openEncoder, type EncodeSession } from './stages/encode/encode-session.adapter.js';
import { loadGpuDecoders } from './stages/ingest/decoder-machine.adapter.js';
import { openSource } from './stages/ingest/source-session.adapter.js';
import { sourceListeners } from './source-listeners.js';
import { StreamReporter } from './stream-reporter.js';
import { LiveConfig } from './supervision/live-config.js';
import type { ReconcilerOptions } from './supervision/reconciler.js';
import { StreamPeople } from './stream-people.js';
import { StreamOutputs } from './stream-outputs.js';
import { SwitchingSource } from './switching-source.js';
import { wantedBy } from './supervision/wanted-by.js';

const STATUS_INTERVAL_MS = 1000;
const STEPS: LiveStreamSteps = { drawArtwork, openBackend: openVisionBackend, openEncoder, openSource };

export type { LiveStreamOptions, LiveStreamSteps } from './live-stream-options.js';

/** Everything one stream has running, from its source to its targets. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #addon = loadAddon();
  readonly #backend: FailoverBackend;
  readonly #encoder: EncodeSession;
  readonly #source: SwitchingSource;
  readonly #outputs: StreamOutputs;
  readonly #reporter: StreamReporter;
  readonly #picture: LatestPicture;
  readonly #slotCommands = new Subject<SlotCommand>();
  readonly #askedShots = new Subject<AskedShot | undefined>();
  readonly #load: LoadControl;
  readonly #config: LiveConfig;
  readonly #people: StreamPeople;

  private constructor(
    options: LiveStreamOptions,
    backend: FailoverBackend,
    encoder: EncodeSession,
    { live, artwork }: { readonly live: LiveConfig; readonly artwork: Artwork },
    resources: ResourceStack,
  ) {
    const { config, gpu, logger, report, steps } = options;
    const addon = this.#addon;
    this.#options = options;
    this.#config = live;
    this.#load = new LoadControl({
      ...{ fps: config.output.fps, encoder, addon, logger },
      source: () => this.#source,
      reporter: () => this.#reporter,
    });
    this.#backend = backend;
    this.#encoder = encoder;
    const plates = resources.adopt(
      new LivePlates({ artwork, backendArtwork: backend.artwork, output: live.current.output, addon, logger }),
      (drawing) => drawing.close(),
    );
    this.#people = new StreamPeople({
      ...{ config: live.view, plates, before: options.before, report },
      onKnown: (frame) => this.#reporter.known(frame),
      onNamed: (trackId, name) => this.#reporter.sendEvent('named', { trackId, name }),
    });
    this.#picture = resources.adopt(new LatestPicture(addon), (picture) => picture.close());
    // They end before the encoder, so that what they were sent ends properly.
    const onRecording = (): void => this.#reporter.recordingChanged();
    const nameOf = this.#people.nameOf.bind(this.#people);
    const outputs = new StreamOutputs({ ...options, taps: encoder.taps, nameOf, onRecording });
    this.#outputs = resources.adopt(outputs, () => outputs.close());
    resources.defer(() => this.#slotCommands.complete());
    resources.defer(() => this.#askedShots.complete());
    this.#reporter = new StreamReporter({
      ...{ config, encoder, backend, addon, logger, report },
      source: () => this.#source,
      outputs: () => this.#outputs,
    });
    const common = { gpu, backend, addon, logger, report, audioInput: encoder.audioInput, streamId: config.id };
    this.#source = new SwitchingSource({
      ...{ source: config.source, addon, ...sourceListeners({ reporter: this.#reporter, logger }) },
      create: (source, listeners) =>
        new LiveSource({
          ...{ ...common, ...listeners, source, outputFps: config.output.fps, outputSize: config.output },
          ...(steps?.openSource && { open: steps.openSource }),
        }),
    });
  }

  /**
   * Runs one stream until `signal` aborts, or its source ends for good. What it acquired is released
   * in reverse order, whatever fails on the way.
   *
   * @param onReady - called once, when the stream takes commands
   * @throws {@link DiptychError} when the encoder, the detector or the addon fails: the stream starts anew.
   */
  static run(options: LiveStreamOptions, signal: AbortSignal, onReady: (stream: LiveStream) => void): Promise<void> {
    return withResources(async (resources) => {
      const stream = await LiveStream.#open(options, signal, resources);
      await stream.#run(signal, onReady);
    });
  }

  static async #open(options: LiveStreamOptions, signal: AbortSignal, resources: ResourceStack): Promise<LiveStream> {
    const { gpu, video, audio, isHeld = false, onOrigins, logger } = options;
    const live = new LiveConfig(options.config);
    const config = live.view;
    const steps = { ...STEPS, ...options.steps };
    const addon = loadAddon();
    const store = new ModelStore({ onNotice: (text) => logger.info(text) });
    // Painting begins, and a GPU can be lost, when the stream is there only.
    const opened: { stream?: LiveStream } = {};
    const artwork = resources.adopt(await steps.drawArtwork(config, addon), (drawn) => releaseArtwork(drawn, addon));
    const decoders = loadGpuDecoders(gpu, addon);
    const backendOptions: VisionBackendOptions = {
      ...{ config, gpu, artwork, addon, store, logger, isThrifty: true, signal },
      pictureMemory: () => (opened.stream ? opened.stream.#encoder.inputMemory : 'system'),
    };
    const backend = resources.adopt(
      new FailoverBackend(await steps.openBackend(backendOptions), {
        addon,
        output: config.output,
        cpuPainter: cpuPainter(backendOptions),
        openFallback: (reason) => openCpuBackend(backendOptions, reason),
        onLost: (reason) => {
          if (opened.stream) opened.stream.#loseGpu(reason);
        },
      }),
      (acquired) => acquired.close(),
    );
    logger.info({ model: backend.detector.model, reason: backend.detector.reason }, 'detector ready');
    const { memory } = backend;
    const encoder = resources.adopt(
      await steps.openEncoder(config.output, {
        ...{ video, audio, isHeld, logger, memory, device: gpu.device },
        ...(onOrigins && { onOrigins }),
      }),
      (acquired) => acquired.close(),
    );
    await decoders;
    opened.stream = new LiveStream(options, backend, encoder, { live, artwork }, resources);
    return opened.stream;
  }

  /** What goes to viewers. */
  get encoder(): Pick<EncodeSession, 'requestKeyframe' | 'media'> {
    return this.#encoder;
  }

  /**
   * The composed picture now, as JPEG.
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` before the first picture.
   */
  snapshot(): Promise<Uint8Array> {
    return this.#picture.encode();
  }

  async #run(signal: AbortSignal, onReady: (stream: LiveStream) => void): Promise<void> {
    const stop = new AbortController();
    const { config, wanted$ = of(wantedBy(config)) } = this.#options;
    // The source is not open yet.
    wanted$.pipe(take(1)).subscribe(({ publication }) => this.#source.begin(publication));
    const composing = new Promise<void>((resolve, reject) => {
      this.#compose().subscribe({ next: (frame) => this.#put(frame), error: reject, complete: resolve });
    });
    const running = this.#source.run(anySignal([signal, stop.signal]));
    const status = setInterval(() => {
      this.#load.tellChanges();
      this.#reporter.sendStatus();
      this.#people.send();
    }, STATUS_INTERVAL_MS);
    const reconciler = this.#createReconciler();
    const following = wanted$.subscribe((wanted) => {
      reconciler.want(wanted);
      this.#source.follow(wanted.publication);
      this.#reporter.sendStatus();
    });
    try {
      onReady(this);
      await Promise.race([Promise.all([running, composing]), this.#encoder.failed, this.#backend.failed]);
    } catch (error) {
      this.#reporter.failed(error);
      this.#reporter.sendStatus();
      throw error;
    } finally {
      following.unsubscribe();
      reconciler.close();
      stop.abort();
      clearInterval(status);
      // The process may have other streams: nothing of this one may stay behind.
      await Promise.allSettled([running, composing]);
    }
  }

  #createReconciler(): ReturnType<StreamOutputs['reconciler']> {
    const { report } = this.#options;
    return this.#outputs.reconciler({
      options: this.#changeableOptions(),
      applySlots: (action) =>
        this.#slotCommands.next({
          action,
          onError: (error) => this.#reporter.sendEvent('slots_refused', { action, reason: String(error) }),
        }),
      applyShot: (asked) => this.#askedShots.next(asked),
      onReached: (reached) => report({ type: 'reached', reached }),
    });
  }

  #changeableOptions(): ReconcilerOptions['options'] {
    return {
      current: () => this.#config.current,
      set: (config, changed) => {
        this.#config.set(config);
        this.#options.logger.info({ changed }, 'options changed');
        this.#reporter.sendEvent('options_changed', { changed });
        if (changed.includes('slots.labels') || changed.includes('people.names')) this.#people.draw();
      },
      setSource: (source) => this.#source.set(source),
      setBitrate: (bitrateKbps) => {
        this.#encoder.setBitrate(bitrateKbps);
        this.#reporter.describeBitrate(bitrateKbps);
      },
    };
  }

  #compose(): ReturnType<typeof twoShot> {
    const { logger } = this.#options;
    const config = this.#config.view;
    const reporter = this.#reporter;
    const backend = timedBackend(this.#backend, ({ stage, begunMs, endedMs }) =>
      reporter.took(stage, endedMs - begunMs),
    );
    return twoShot(this.#source.frames$.pipe(tap((frame) => reporter.decoded(frame))), {
      ...pipelineOptions({
        ...{ config, backend, addon: this.#addon, commands$: this.#slotCommands, askedShots$: this.#askedShots },
        pace: { answers: 'later' },
        condition: () => this.#source.condition,
        affordable: (maxFps) => this.#load.affordableDetections(maxFps),
        ...(this.#people.before && { before: this.#people.before }),
        listeners: {
          ...this.#people.listeners,
          onDrop: () => reporter.frameDropped(),
          onDetected: (found) => found?.poses && reporter.posed(found.poses),
          onIdentities: (events, counts) => reporter.identities(events, counts, (id) => this.#people.nameOf(id)),
          onEmbeddingFailed: (error) => logger.warn({ err: error }, 'a face could not be embedded'),
        },
      }),
      mayPaint: ({ isNew }) => this.#load.mayPaint(isNew),
    });
  }

  /** A composed picture goes to the encoder. */
  #put(frame: ComposedFrame): void {
    this.#encoder.push(frame.picture, frame.outPtsMs);
    this.#picture.replace(frame.picture);
    this.#load.composed(frame);
    this.#reporter.composed(frame);
  }

  /** The picture goes on; a source that was decoded on the GPU is opened again, on the CPU. */
  #loseGpu(reason: string): void {
    this.#options.logger.error({ reason }, 'the GPU is lost; the stream goes on on the CPU');
    this.#reporter.sendEvent('gpu_lost', { reason });
    if (this.#reporter.decodedMemory === 'cuda') this.#source.restart(new DiptychError('DIPTYCH_E_GPU_LOST', reason));
    this.#reporter.sendStatus();
  }
}
