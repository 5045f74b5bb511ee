import { tap, type Observable } from 'rxjs';
import type { GpuConfig, SourceConfig } from '../shared/config/schema.js';
import { isPublishedSource } from '../shared/config/source-url.js';
import type { Size } from '../shared/domain/box.js';
import { DiptychError, type ErrorCode } from '../shared/domain/errors.js';
import { problemOf, type Problem } from '../shared/domain/status-error.js';
import type { SourceTrouble } from '../shared/domain/stream-status.js';
import type { Publication, StreamReport } from '../shared/ipc/messages.js';
import { Backoff } from '../shared/retry/backoff.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { FailoverBackend } from './backend/failover-backend.js';
import type { SourceCondition } from './domain/composition-plan.js';
import { liveOptions } from './domain/live-options.js';
import type { MediaTap } from './domain/media-tap.js';
import type { NativeAddon, NativeFrame } from './native/types.js';
import { chooseDecoders } from './stages/ingest/decoder-choice.js';
import { thisMachine } from './stages/ingest/decoder-machine.adapter.js';
import { openSource, type SourceInfo, type SourceSession } from './stages/ingest/source-session.adapter.js';
import type { SourceOptions } from './stages/ingest/source-session.js';
import { FrozenWatch } from './supervision/frozen-watch.js';
import { GatewayPublisher } from './supervision/gateway-publisher.js';
import { SourceSupervisor } from './supervision/source-supervisor.adapter.js';

/** What a {@link LiveSource} is made with. */
export interface LiveSourceOptions {
  /** Of the stream. */
  readonly source: SourceConfig;
  /** Which GPU, where one is used. */
  readonly gpu: Pick<GpuConfig, 'device'>;
  /** Says where decoders are to leave their pictures. */
  readonly backend: Pick<FailoverBackend, 'memory' | 'lostReason'>;
  /** Of the stream, which people publish to. */
  readonly streamId: string;
  /** Takes what is said of a source that is published to the gateway. */
  readonly report: (report: StreamReport) => void;
  /** Frames a second of the output. */
  readonly outputFps: number;
  /** Its size. @defaultValue as of `SourceOptions` */
  readonly outputSize?: Size;
  /** Where the sound goes while the source is on the air. */
  readonly audioInput: MediaTap;
  /** Of this process. */
  readonly addon: NativeAddon;
  /** Told what decodes, and why. */
  readonly logger: Logger;
  /** The source was opened; its first frame is yet to come. */
  readonly onOpened: () => void;
  /** More is known of the source. */
  readonly onInfo: (info: SourceInfo) => void;
  /** The source ended or failed; it is opened again in `retryInMs`. */
  readonly onLost: (problem: Problem, retryInMs: number) => void;
  /** Opens one attempt at the source. @defaultValue `openSource` */
  readonly open?: typeof openSource;
}

/** No frame for this long is told as `stalled`, ms. */
const STALL_MS = 500;
/** The longest wait before a source is opened again, ms. */
const SOURCE_RETRY_CAP_MS = 5_000;
/**
 * Cameras lock a user out after a few wrong passwords: one that refused is asked again after this, ms, the first time
 * and from then on. Another password is tried at once.
 */
const REFUSED_RETRY_MS = { first: 30_000, later: 300_000 };
/** Somebody who begins to publish is told, which opens the source at once: there is nothing to try before, ms. */
const UNPUBLISHED_RETRY_MS = 86_400_000;
/** What cannot work as it is, such as a missing decoder or a file of certificates, is tried so seldom, ms. */
const HOPELESS_RETRY_MS = 30_000;
/** A source that ran for so long is opened again at once, s. */
const SOURCE_HEALTHY_S = 5;
/** The source's sound may run this far ahead of the mixer, ms. */
const SOUND_QUEUE_MS = 500;
/** Points in a row of the samples that are compared to notice a frozen picture, about. */
const SKETCH_WIDTH = 320;

/** The source of a live stream: frames to the chain, sound to the encoder, opened again whenever it is lost. */
export class LiveSource {
  readonly #options: LiveSourceOptions;
  readonly #supervisor: SourceSupervisor<SourceSession>;
  readonly #publisher: GatewayPublisher;
  #session: SourceSession | undefined;
  #droppedEarlier = 0;
  #droppedCodedEarlier = 0;
  #damagedEarlier = 0;
  #info: SourceInfo = {};
  #source: SourceConfig;
  #isOnAir = false;
  /** In a row. */
  #refusals = 0;
  #frozen: FrozenWatch;
  readonly #frames$: Observable<NativeFrame>;

  constructor(options: LiveSourceOptions) {
    const { source, addon, logger, open = openSource } = options;
    this.#options = options;
    this.#source = source;
    const followed = liveOptions(() => this.#source);
    this.#publisher = new GatewayPublisher(options);
    this.#supervisor = new SourceSupervisor<SourceSession>({
      open: (signal) =>
        open(followed, {
          ...{ pace: 'live', logger, signal, outputFps: options.outputFps, publisher: this.#publisher },
          ...(options.outputSize && { outputSize: options.outputSize }),
          ...this.#decoding(),
        }),
      backoff: new Backoff({ capMs: SOURCE_RETRY_CAP_MS, healthyAfterS: SOURCE_HEALTHY_S }),
      delayMs: ({ code }, backoffMs) => this.#delayMs(code, backoffMs),
      nowMs: () => addon.nowMs(),
      stallMs: STALL_MS,
      onSession: (session) => this.#begin(session),
      onLost: (error, retryInMs) => this.#lose(error, retryInMs),
    });
    this.#frozen = frozenWatch(source);
    this.#frames$ = this.#supervisor.frames$.pipe(tap((frame) => this.#sketch(frame)));
  }

  /** Frames of every attempt; the subscriber owns them. Completes when `run` returns. */
  get frames$(): Observable<NativeFrame> {
    return this.#frames$;
  }

  /** `lost` until the first frame. */
  get condition(): SourceCondition {
    return this.#supervisor.condition;
  }

  /** What is known of the source now. */
  get info(): SourceInfo {
    return this.#info;
  }

  /**
   * Pictures left out since the stream began: `late` were replaced by newer ones before the stream took them,
   * `decode` were dropped compressed, up to a keyframe, because the decoder could not follow.
   */
  get droppedBy(): { readonly decode: number; readonly late: number } {
    return {
      decode: this.#droppedCodedEarlier + (this.#session?.droppedCoded ?? 0),
      late: this.#droppedEarlier + (this.#session?.dropped ?? 0),
    };
  }

  /** Packets of a camera that were refused, and pictures that were decoded with errors, since the stream began. */
  get damaged(): number {
    return this.#damagedEarlier + (this.#session?.damaged ?? 0);
  }

  /** What is the matter with the pictures that come, since when in running time; absent where nothing is. */
  get trouble(): { readonly kind: SourceTrouble; readonly sinceMs: number } | undefined {
    const { sinceMs } = this.#frozen;
    return this.#session?.trouble ?? (sinceMs === undefined ? undefined : { kind: 'frozen', sinceMs });
  }

  /** How long the oldest compressed picture waits for its decoder, ms. */
  get lagMs(): number {
    return this.#session?.lagMs ?? 0;
  }

  /** Other options; those that differ are followed without opening the source anew. */
  adjust(source: SourceConfig): void {
    const isOtherwiseFrozen = source.frozenS !== this.#source.frozenS;
    this.#source = source;
    if (isOtherwiseFrozen) this.#frozen = frozenWatch(source);
  }

  /** From now on its sound is heard, in place of that of another source. */
  goOnAir(former?: LiveSource): void {
    const { addon } = this.#options;
    this.#isOnAir = true;
    const before = former?.leaveAir();
    if (!this.#session) return;
    if (before) addon.moveLinks(before.audio, this.#session.audio);
    else this.#linkSound(this.#session);
  }

  /** From now on its sound is not heard when it is opened again. Returns the session that is heard still. */
  leaveAir(): SourceSession | undefined {
    this.#isOnAir = false;
    return this.#session;
  }

  /** What is published before `run`. */
  begin(publication: Publication | undefined): void {
    this.#publisher.follow(publication);
  }

  /** What is published from now on: the source is opened for somebody else, and lost where nobody publishes any more. */
  follow(publication: Publication | undefined): void {
    if (!this.#publisher.follow(publication) || !isPublishedSource(this.#source.url)) return;
    const reason = publication ? 'somebody publishes; the first picture is yet to come' : this.#publisher.absence;
    this.restart(new DiptychError('DIPTYCH_E_SOURCE_UNPUBLISHED', reason));
  }

  /** Opens the source again at once, for a reason that is not its own. */
  restart(reason: DiptychError): void {
    this.#supervisor.restart(reason);
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#supervisor.run(signal).finally(() => this.#endSession());
  }

  /** Decoders are to leave pictures where the stream works; those of a lost GPU are not tried. */
  #decoding(): Pick<SourceOptions, 'memory' | 'device' | 'decoders'> {
    const { backend, gpu, addon } = this.#options;
    const { memory, lostReason } = backend;
    if (lostReason === undefined) return { memory, device: gpu.device };
    const machine = thisMachine(addon);
    const has = (element: string): boolean => !element.startsWith('nv') && machine.has(element);
    return { memory, decoders: (preferences) => chooseDecoders({ ...machine, has }, preferences) };
  }

  #begin(session: SourceSession): void {
    const { onInfo, onOpened } = this.#options;
    this.#session = session;
    this.#refusals = 0;
    this.#frozen.reset();
    if (this.#isOnAir) this.#linkSound(session);
    session.info$.subscribe((info) => {
      this.#info = info;
      onInfo(info);
    });
    onOpened();
  }

  /** The sound goes to the mixer without passing JavaScript; the link ends with the session. */
  #linkSound({ audio }: SourceSession): void {
    const { addon, audioInput } = this.#options;
    addon.link(audio, audioInput, { maxQueueMs: SOUND_QUEUE_MS, startOnKeyframe: false });
  }

  #lose(error: DiptychError | undefined, retryInMs: number): void {
    this.#endSession();
    this.#options.onLost(error ? problemOf(error) : SOURCE_ENDED, retryInMs);
  }

  #endSession(): void {
    if (this.#session) {
      this.#droppedEarlier += this.#session.dropped;
      this.#droppedCodedEarlier += this.#session.droppedCoded;
      this.#damagedEarlier += this.#session.damaged;
    }
    this.#session = undefined;
    this.#frozen.reset();
  }

  #delayMs(code: ErrorCode, backoffMs: number): number {
    if (code === 'DIPTYCH_E_ELEMENT_MISSING' || code === 'DIPTYCH_E_CONFIG') return HOPELESS_RETRY_MS;
    if (code === 'DIPTYCH_E_SOURCE_AUTH') return Math.max(backoffMs, this.#refusedDelayMs());
    if (code !== 'DIPTYCH_E_SOURCE_UNPUBLISHED') return backoffMs;
    // Who waits to be called goes on at once, so that no call is missed.
    return isPublishedSource(this.#source.url) ? UNPUBLISHED_RETRY_MS : 0;
  }

  #refusedDelayMs(): number {
    this.#refusals += 1;
    return this.#refusals === 1 ? REFUSED_RETRY_MS.first : REFUSED_RETRY_MS.later;
  }

  /** Now and then, for the watch of frozen pictures. */
  #sketch({ ptsMs, handle, width }: NativeFrame): void {
    if (!this.#frozen.isDue(ptsMs)) return;
    this.#frozen.add(ptsMs, this.#options.addon.lumaSketch(handle, Math.max(1, Math.floor(width / SKETCH_WIDTH))));
  }
}

const SOURCE_ENDED: Problem = {
  code: 'DIPTYCH_E_SOURCE_ENDED',
  message: 'the source came to its end; it is opened again',
};

/** A file, or the test picture, may well stand still. */
const isCamera = ({ url }: SourceConfig): boolean =>
  /^(?:rtsps?|https?|srt|v4l2):/i.test(url) || isPublishedSource(url);

const frozenWatch = (source: SourceConfig): FrozenWatch =>
  new FrozenWatch({ afterS: isCamera(source) ? source.frozenS : 0 });

/** Of the line in the log on a source that was lost; one that nobody publishes to is as it should be. */
export const levelOfLoss = (code: ErrorCode): 'info' | 'warn' =>
  code === 'DIPTYCH_E_SOURCE_UNPUBLISHED' ? 'info' : 'warn';
