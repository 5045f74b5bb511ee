import type { Logger } from '../../../shared/telemetry/logger.js';
import type { MediaTap } from '../../domain/media-tap.js';
import type { NativeAddon } from '../../native/types.js';
import { DamageWatch } from './damage-watch.js';
import type { NetworkSource } from './network-source.js';
import type { PictureTrouble } from './picture-trouble.js';
import { ReceptionWatch, type ReceptionLimits, type ReceptionVerdict } from './reception-watch.js';
import type { PictureCounts, RtpPictures } from './rtp-pictures.adapter.js';
import { RtpSound } from './rtp-sound.adapter.js';
import { branchCaps, PICTURE_SINK, SOUND_SINK, StreamBranches } from './stream-branches.js';
import type { SourceInfo } from './source-session.js';

/** What comes in decoded, from a graph that ends in frames. */
export interface OpenDevice {
  /** Where its pictures come from. */
  readonly source: NetworkSource;
  /** There is nothing to decode. */
  readonly pictures?: undefined;
}

/** A camera that was set up, or somebody who publishes. */
export interface OpenCamera {
  /** Where its packets come from. */
  readonly source: NetworkSource;
  /** Decodes its pictures. */
  readonly pictures: RtpPictures;
  /** Of a container: its streams, which are linked already. Absent: they are linked when they come. */
  readonly pads?: readonly LinkedPad[];
  /** As in `LinkOptions`, for the sound. @defaultValue 0 */
  readonly advanceMs?: number;
  /** Whether the sound comes ahead of its time, so that it has to wait. @defaultValue false */
  readonly isPaced?: boolean;
}

/** A stream of a source, and the sink that takes it; none where it is not used. */
export interface LinkedPad {
  /** Name of the sink. */
  readonly element?: string;
  /** What it carries, as text. */
  readonly caps: string;
}

/** What an {@link RtpReceiver} works with, and whom it tells. */
export interface RtpReceiverOptions {
  /** Of the process. */
  readonly addon: NativeAddon;
  /** Where the packets come from. */
  readonly camera: Pick<NetworkSource, 'requestKeyframe'>;
  /** Decodes the pictures; it is closed with this. */
  readonly pictures: RtpPictures;
  /** As in {@link OpenCamera}. */
  readonly pads?: readonly LinkedPad[] | undefined;
  /** As in {@link OpenCamera}. */
  readonly soundTiming?: Pick<OpenCamera, 'advanceMs' | 'isPaced'>;
  /** The graph of pipelines/ingest-rtsp.launch or ingest-whip.launch. */
  readonly graphId: string;
  /** The source in messages, secrets masked. */
  readonly source: string;
  /** Told what is not used, and why. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How long to be patient. */
  readonly limits: ReceptionLimits;
  /** More is known of the pictures: {@link RtpReceiver.branches}. */
  readonly onBranches: () => void;
  /** The sound is known, or why there is none. */
  readonly onSound: (info: Pick<SourceInfo, 'audio' | 'audioReason'>) => void;
  /** The pictures cannot be decoded here. */
  readonly onEnd: (error: Error) => void;
}

/** How long after the last stream was reported another one may still be linked. */
const LATE_STREAM_MS = 500;
/** The overload is told for this long after the last picture that was dropped, ms. */
const OVERLOAD_MEMORY_MS = 5000;
/** How often a keyframe is asked for while one is waited for, ms. */
const KEYFRAME_REQUEST_MS = 2000;
/** How often one is asked for because packets were lost, ms. */
const LOSS_REQUEST_MS = 250;

/**
 * The part of a source behind the network: which of its streams are taken, what comes, what of it is late, and
 * what is damaged. Pictures and sound are decoded in graphs of their own.
 */
export class RtpReceiver {
  /** What is linked so far. */
  readonly branches: StreamBranches;
  readonly #options: RtpReceiverOptions;
  readonly #sound: RtpSound;
  readonly #watch: ReceptionWatch;
  #completing: NodeJS.Timeout | undefined;
  #trouble: PictureTrouble | undefined;
  readonly #damage = new DamageWatch();
  #counts: PictureCounts;
  #lastDropMs = Number.NEGATIVE_INFINITY;
  #lastRequestMs = Number.NEGATIVE_INFINITY;
  #passedRequests = 0;

  /** To be made before the graph plays. */
  constructor(options: RtpReceiverOptions) {
    const { addon, graphId, pictures, pads, soundTiming, source, logger, limits, onSound, onEnd } = options;
    this.#options = options;
    this.#counts = pictures.counts;
    this.branches = new StreamBranches(pictures.codec);
    this.#watch = new ReceptionWatch(limits);
    this.#sound = new RtpSound({
      ...{ addon, source, logger, onInfo: onSound, ...soundTiming },
      packets: { graphId, element: SOUND_SINK },
      idle: { graphId, element: 'audio' },
    });
    pictures.start({ graphId, element: PICTURE_SINK }, onEnd);
    if (pads) this.#take(pads);
    else addon.linkBranches(graphId, 'source', branchCaps(pictures.codec), (pad) => this.#onPad(pad));
  }

  /** Where the sound comes out now. */
  get sound(): MediaTap {
    return this.#sound.tap;
  }

  /** Decoded pictures; to be subscribed to once. */
  get frames$(): RtpPictures['frames$'] {
    return this.#options.pictures.frames$;
  }

  /** What became of the pictures. */
  get counts(): PictureCounts {
    return this.#options.pictures.counts;
  }

  /** Why decoding gave up last; `undefined` where it did not. */
  get lastFailure(): string | undefined {
    return this.#options.pictures.lastFailure;
  }

  /** As of the last `check`; absent where nothing is. */
  get trouble(): PictureTrouble | undefined {
    return this.#trouble;
  }

  /** How long the oldest picture has waited for the decoder, ms. */
  get lagMs(): number {
    return this.#options.pictures.lagMs;
  }

  /**
   * Looks at what has come; to be called a few times a second while the graph plays.
   *
   * @param lastFrameMs - when the newest decoded picture came, or the attempt began
   */
  check(lastFrameMs: number, hasFrames: boolean): ReceptionVerdict {
    const { addon, graphId, pictures } = this.#options;
    const nowMs = addon.nowMs();
    this.#sound.check(nowMs);
    const { counts } = pictures;
    const arrived =
      this.branches.videoCodec === undefined ? undefined : addon.sinkStats(graphId, PICTURE_SINK).lastArrivedMs;
    const verdict = this.#watch.next({
      ...{
        nowMs,
        lastFrameMs,
        hasFrames,
        keyframes: counts.keyframes,
        dropped: counts.dropped,
        failures: counts.failures,
      },
      ...(arrived !== undefined && { lastPacketMs: arrived }),
    });
    if (counts.dropped > this.#counts.dropped) this.#lastDropMs = nowMs;
    this.#trouble = this.#troubleOf(verdict, nowMs);
    if (counts.keyframeRequests > this.#passedRequests) this.#passOnRequests(counts.keyframeRequests, nowMs);
    if (verdict.type === 'waiting' || counts.damaged > this.#counts.damaged) this.#requestKeyframe(nowMs);
    this.#tellDamage(counts, nowMs);
    this.#counts = counts;
    return verdict;
  }

  /** Ends with the graph. */
  async close(): Promise<void> {
    clearTimeout(this.#completing);
    await Promise.all([this.#sound.close(), this.#options.pictures.close()]);
  }

  /** Whoever made this is told what it was, not while it is being made. */
  #take(pads: readonly LinkedPad[]): void {
    this.#completing = setTimeout(() => {
      for (const pad of pads) this.#onPad(pad);
      this.#onPad(undefined);
    });
  }

  #onPad(pad: { readonly element?: string; readonly caps: string } | undefined): void {
    const { source, logger, onBranches, onSound } = this.#options;
    if (pad === undefined) {
      this.#completing = setTimeout(() => {
        this.branches.complete();
        if (this.branches.hasSound === false) onSound({ audio: 'none' });
        onBranches();
      }, LATE_STREAM_MS);
      return;
    }
    if (pad.element === undefined) {
      logger.info({ source, caps: pad.caps }, 'a stream of the source is not used');
      return;
    }
    this.branches.linked(pad.element);
    if (pad.element === SOUND_SINK) this.#sound.start(pad.caps);
    else onBranches();
  }

  /** Once for each time that it lasts. */
  #tellDamage({ damaged }: PictureCounts, nowMs: number): void {
    const { source, logger, pictures } = this.#options;
    const news = this.#damage.next(damaged, nowMs);
    if (news?.type === 'begins') {
      logger.warn(
        { source, ...(pictures.lastFailure !== undefined && { reason: pictures.lastFailure }) },
        'pictures of the source come damaged; they are whole again from a keyframe on',
      );
    } else if (news) {
      logger.info({ source, damaged: news.count }, 'the pictures of the source come whole again');
    }
  }

  #troubleOf(verdict: ReceptionVerdict, nowMs: number): PictureTrouble | undefined {
    if (nowMs - this.#lastDropMs < OVERLOAD_MEMORY_MS) {
      return this.#trouble?.kind === 'overloaded' ? this.#trouble : { kind: 'overloaded', sinceMs: this.#lastDropMs };
    }
    return verdict.type === 'waiting' ? { kind: 'waiting_for_keyframe', sinceMs: verdict.sinceMs } : undefined;
  }

  /** Packets were lost. */
  #passOnRequests(requests: number, nowMs: number): void {
    if (nowMs - this.#lastRequestMs < LOSS_REQUEST_MS) return;
    this.#passedRequests = requests;
    this.#lastRequestMs = nowMs;
    this.#options.camera.requestKeyframe();
  }

  /** By RTCP, where the camera's description offers that. */
  #requestKeyframe(nowMs: number): void {
    if (nowMs - this.#lastRequestMs < KEYFRAME_REQUEST_MS) return;
    this.#lastRequestMs = nowMs;
    this.#options.camera.requestKeyframe();
  }
}
