import { BehaviorSubject, map, Observable, Subject, takeUntil, tap, type Observer } from 'rxjs';
import type { SourceConfig } from '../../../shared/config/schema.js';
import { maskUrl } from '../../../shared/config/mask-url.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { MediaTap } from '../../domain/media-tap.js';
import type { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { BusMessage, NativeFrame } from '../../native/types.js';
import { receptionError, rewindError } from './attempt-error.js';
import type { DecoderChoice } from './decoder-choice.js';
import { decoderFailureOf, missingDecoderError } from './decoder-failure.js';
import type { Decoding } from './decoding.js';
import { FrameRateMeter } from './frame-rate-meter.js';
import type { NetworkSource } from './network-source.js';
import { PtsSmoother } from './pts-smoother.js';
import { PUBLISHER } from './published-source.js';
import type { ReceptionVerdict } from './reception-watch.js';
import { RtpReceiver, type OpenCamera, type OpenDevice } from './rtp-receiver.adapter.js';
import { describeDecoding, describeFile, mergeInfo } from './source-description.js';
import { explainSourceError, isEndOfConnection, noVideoError } from './source-error.js';
import type { SourceLocation } from './source-location.js';
import type { SourceInfo, SourceOptions } from './source-session.js';
import { unusedBranchOf } from './stream-branches.js';

const VIDEO = 'video';
const AUDIO = 'audio';
const WATCH_INTERVAL_MS = 100;
/** First element of the sound in pipelines/ingest-file.launch. */
const SOUND_BRANCH = 'audio-any';
/** How long the jitter buffer learns the clock of a camera; frame rates measured before are off. */
const CLOCK_LEARNING_MS = 2000;

/** One graph that plays a source with the decoders it was built with. */
export class SourceAttempt {
  /** As in `SourceSession`; ends with this graph. */
  readonly frames$: Observable<NativeFrame>;
  /** As in `SourceSession`. */
  readonly info$: Observable<SourceInfo>;
  /** As in `SourceSession`; also rejects with a `DecoderFailure`, after which another decoder may be tried. */
  readonly ended: Promise<'eos'>;

  readonly #addon = loadAddon();
  readonly #graph: Graph;
  readonly #camera: NetworkSource | undefined;
  readonly #kind: SourceLocation['kind'];
  readonly #config: SourceConfig;
  readonly #options: SourceOptions;
  readonly #decoding: Decoding;
  /** The source in messages, secrets masked. */
  readonly #name: string;
  readonly #info = new BehaviorSubject<SourceInfo>({});
  /** Of a camera. */
  readonly #receiver: RtpReceiver | undefined;
  readonly #rate = new FrameRateMeter();
  readonly #smoother = new PtsSmoother();
  readonly #over$ = new Subject<void>();
  #settle: { readonly resolve: (end: 'eos') => void; readonly reject: (error: Error) => void } | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isPlaying = false;
  #hasFrames = false;
  /** Of a file. */
  #hasNoSound = false;
  #firstPtsMs: number | undefined;
  #lastFrameMs = 0;
  #isClosed = false;
  #dropped = 0;

  constructor(
    graph: Graph,
    location: SourceLocation,
    config: SourceConfig,
    options: Pick<SourceOptions, 'pace' | 'logger'>,
    decoding: Decoding,
    camera?: OpenCamera | OpenDevice,
  ) {
    this.#graph = graph;
    this.#camera = camera?.source;
    this.#kind = location.kind;
    this.#config = config;
    this.#options = options;
    this.#decoding = decoding;
    this.#name = location.kind === 'whip' ? PUBLISHER : maskUrl(config.url);
    this.info$ = this.#info.asObservable();
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // `ended` need not be handled: the frames complete as well.
    this.ended.catch(() => undefined);
    graph.messages$.subscribe((message) => this.#onMessage(message));
    if (camera) {
      if (camera.pictures) this.#receiver = this.#receive(camera);
      this.#learn(camera.source.info);
      void camera.source.ended.then((error) => this.#fail(error));
    }
    this.frames$ = new Observable<NativeFrame>((subscriber: Observer<NativeFrame>) => {
      const frames = (this.#receiver?.frames$ ?? graph.frames(VIDEO)).pipe(
        // Only what came over a network has time stamps that need it.
        map((frame) => (this.#receiver ? { ...frame, ptsMs: this.#smoother.smooth(frame.ptsMs) } : frame)),
        tap((frame) => this.#onFrame(frame)),
        takeUntil(this.#over$),
      );
      const subscription = frames.subscribe(subscriber);
      this.#play();
      return subscription;
    });
  }

  /** As in `SourceSession`; another one where the sound begins or ends to be decoded. */
  get audio(): MediaTap {
    return this.#receiver?.sound ?? { graphId: this.#graph.id, element: AUDIO };
  }

  /** Of a camera: what comes before the decoder. */
  get receiver(): RtpReceiver | undefined {
    return this.#receiver;
  }

  /** Pictures that were replaced by newer ones before they were taken. */
  get dropped(): number {
    // A closed graph has no figures.
    if (!this.#isClosed)
      this.#dropped = this.#receiver?.counts.late ?? this.#addon.sinkStats(this.#graph.id, VIDEO).dropped;
    return this.#dropped;
  }

  /** Stops the graph and frees it; idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#dropped = this.dropped;
    this.#isClosed = true;
    this.#over$.next();
    this.#over$.complete();
    this.#info.complete();
    await this.#receiver?.close();
    await this.#graph.close();
    await this.#camera?.close();
  }

  #play(): void {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#lastFrameMs = this.#addon.nowMs();
    this.#watch = setInterval(() => this.#checkReception(), WATCH_INTERVAL_MS);
    this.#graph.play();
    this.#camera?.onPlaying();
  }

  #onFrame(frame: NativeFrame): void {
    const { width, height } = frame;
    this.#lastFrameMs = this.#addon.nowMs();
    if (!this.#hasFrames) {
      this.#hasFrames = true;
      if (this.#kind === 'file') this.#describeFile();
      if (this.#kind === 'test') this.#learn({ codec: 'raw', audio: 'raw', decoder: 'none' });
    }
    this.#firstPtsMs ??= frame.ptsMs;
    const isLearned = this.#camera === undefined || frame.ptsMs - this.#firstPtsMs > CLOCK_LEARNING_MS;
    if (isLearned) this.#rate.add(frame.ptsMs);
    const { fps } = this.#rate;
    this.#learn({ width, height, ...(fps === undefined ? {} : { fps }) });
  }

  #onMessage(message: BusMessage): void {
    switch (message.type) {
      case 'error': {
        const failure = decoderFailureOf(message, this.#decoder, VIDEO);
        if (failure !== undefined) {
          this.#fail(failure);
          break;
        }
        // GStreamer only reports that the streams were not linked.
        const isNotLinked = this.#camera !== undefined && message.debug.includes('not-linked');
        if (isNotLinked) this.#fail(noVideoError(this.#name));
        else if (this.#camera?.explain) void this.#camera.explain(message).then((error) => this.#fail(error));
        else this.#fail(explainSourceError(message, this.#name));
        break;
      }
      case 'warning':
        if (unusedBranchOf(message) !== undefined) this.#hasNoSound ||= unusedBranchOf(message) === SOUND_BRANCH;
        else if (isEndOfConnection(message)) this.#onEnd();
        else
          this.#options.logger.warn(
            { source: this.#name, element: message.element, debug: message.debug },
            message.text,
          );
        break;
      case 'eos':
        this.#onEnd();
        break;
      case 'tags':
        if (this.#kind === 'file') this.#describeFile(message.tags);
        break;
      case 'segment':
      case 'latency':
      case 'state':
        break;
    }
  }

  #onEnd(): void {
    const isLooped = this.#kind === 'file' && this.#config.loop && this.#options.pace === 'live';
    if (isLooped) {
      this.#addon.rewindGraph(this.#graph.id).catch((cause: unknown) => {
        this.#fail(rewindError(this.#name, cause));
      });
      return;
    }
    if (this.#kind === 'file') {
      if (!this.#hasFrames) {
        this.#fail(new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${this.#name} has no pictures`));
        return;
      }
      this.#settle?.resolve('eos');
      this.#over$.next();
      return;
    }
    this.#fail(new DiptychError('DIPTYCH_E_SOURCE_UNREACHABLE', `${this.#name} ended the stream`));
  }

  #checkReception(): void {
    const verdict = this.#receiver?.check(this.#lastFrameMs, this.#hasFrames) ?? this.#judgeFile();
    const known = [this.#hasFrames, this.#receiver?.lastFailure, this.#camera?.whySilent] as const;
    const error = receptionError(verdict, this.#name, this.#config, ...known);
    if (error) this.#fail(error);
  }

  /** At free pace a file waits until its frames are taken. */
  #judgeFile(): ReceptionVerdict {
    const isHeld = this.#options.pace === 'free' && this.#hasFrames;
    const isSilent = this.#addon.nowMs() - this.#lastFrameMs >= this.#config.timeoutS * 1000;
    return { type: isSilent && !isHeld ? 'silent' : 'receiving' };
  }

  #fail(error: Error): void {
    clearInterval(this.#watch);
    this.#settle?.reject(error);
    this.#over$.next();
  }

  /** What decodes the pictures, as far as that is known. */
  get #decoder(): DecoderChoice | undefined {
    const videoCodec = this.#receiver?.branches.videoCodec;
    const { file, choices } = this.#decoding;
    return this.#kind === 'file' ? file : videoCodec && choices[videoCodec];
  }

  #receive({ source, pictures, pads, advanceMs = 0, isPaced = false }: OpenCamera): RtpReceiver {
    return new RtpReceiver({
      ...{ camera: source, pictures, pads, soundTiming: { advanceMs, isPaced } },
      addon: this.#addon,
      graphId: this.#graph.id,
      source: this.#name,
      logger: this.#options.logger,
      limits: this.#config,
      onBranches: () => this.#describeVideo(),
      onSound: (info) => this.#learn(info),
      onEnd: (error) => this.#fail(error),
    });
  }

  #describeVideo(): void {
    const video = this.#receiver?.branches.video;
    if (video === 'none') {
      this.#fail(noVideoError(this.#name));
      return;
    }
    const decoder = this.#decoder;
    if (decoder !== undefined && !decoder.isAvailable) {
      this.#fail(missingDecoderError(this.#name, video ?? decoder.codec, decoder));
      return;
    }
    if (decoder !== undefined && this.#info.value.decoder === undefined) {
      const { element, reason, rejected } = decoder;
      this.#options.logger.info(
        { source: this.#name, codec: video, decoder: element, reason, rejected },
        'decoder chosen',
      );
    }
    this.#learn(describeDecoding(video, decoder, this.#decoding.notes));
  }

  #describeFile(tags: Readonly<Record<string, string>> = {}): void {
    this.#learn(
      describeFile({
        tags,
        hasNoSound: this.#hasNoSound,
        hasFrames: this.#hasFrames,
        known: this.#info.value,
        chosen: this.#decoder,
        notes: this.#decoding.notes,
        factories: () => this.#addon.graphElements(this.#graph.id).map(({ factory }) => factory),
      }),
    );
  }

  #learn(news: SourceInfo): void {
    const info = mergeInfo(this.#info.value, news);
    if (info) this.#info.next(info);
  }
}
