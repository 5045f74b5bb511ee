import type { Logger } from '../../../shared/telemetry/logger.js';
import type { MediaTap } from '../../domain/media-tap.js';
import type { NativeAddon } from '../../native/types.js';
import type { RtspSource } from '../../rtsp/rtsp-source.js';
import type { VideoCodec } from './decoder-choice.js';
import type { PictureTrouble } from './picture-trouble.js';
import { ReceptionWatch, type ReceptionLimits, type ReceptionVerdict } from './reception-watch.js';
import { RtpSound } from './rtp-sound.adapter.js';
import { BRANCH_CAPS, SOUND_SINK, StreamBranches } from './stream-branches.js';
import type { SourceInfo } from './source-session.js';

/** What an {@link RtpReceiver} works with, and whom it tells. */
export interface RtpReceiverOptions {
  /** Of the process. */
  readonly addon: NativeAddon;
  /** Where the packets come from. */
  readonly camera: Pick<RtspSource, 'requestKeyframe'>;
  /** The graph of pipelines/ingest-rtsp.launch. */
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
}

/** The codecs, each with its own sink and source between parser and decoder. */
const CODECS: readonly VideoCodec[] = ['h264', 'h265', 'jpeg'];
/** How long after the last stream was reported another one may still be linked. */
const LATE_STREAM_MS = 500;
/** A picture that waits longer than this to be decoded is dropped, with all up to the next keyframe, ms. */
const MAX_WAIT_MS = 1000;
/** The overload is told for this long after the last picture that was dropped, ms. */
const OVERLOAD_MEMORY_MS = 5000;
/** How often a keyframe is asked for while one is waited for, ms. */
const KEYFRAME_REQUEST_MS = 2000;

/**
 * The part of an RTSP source between the network and the decoders: which of its streams are taken, what comes, and
 * what of it is late. Compressed pictures pass from parser to decoder over a link of the addon, where those that the
 * decoder cannot follow are dropped up to the next keyframe, never one by one.
 */
export class RtpReceiver {
  /** What is linked so far. */
  readonly branches = new StreamBranches();
  readonly #options: RtpReceiverOptions;
  readonly #sound: RtpSound;
  readonly #watch: ReceptionWatch;
  #completing: NodeJS.Timeout | undefined;
  #trouble: PictureTrouble | undefined;
  #isClosed = false;
  #dropped = 0;
  #lastDropMs = Number.NEGATIVE_INFINITY;
  #lastRequestMs = Number.NEGATIVE_INFINITY;

  /** To be made before the graph plays. */
  constructor(options: RtpReceiverOptions) {
    const { addon, graphId, source, logger, limits, onSound } = options;
    this.#options = options;
    this.#watch = new ReceptionWatch(limits);
    this.#sound = new RtpSound({
      ...{ addon, source, logger, onInfo: onSound },
      packets: { graphId, element: SOUND_SINK },
      idle: { graphId, element: 'audio' },
    });
    for (const codec of CODECS) {
      addon.link(
        { graphId, element: `coded-${codec}` },
        { graphId, element: `decode-${codec}` },
        { maxQueueMs: MAX_WAIT_MS, startOnKeyframe: false, limit: 'wait' },
      );
    }
    addon.linkBranches(graphId, 'source', BRANCH_CAPS, (pad) => this.#onPad(pad));
  }

  /** Where the sound comes out now. */
  get sound(): MediaTap {
    return this.#sound.tap;
  }

  /** Compressed pictures that were dropped because the decoder could not follow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** As of the last `check`; absent where nothing is. */
  get trouble(): PictureTrouble | undefined {
    return this.#trouble;
  }

  /** How long the oldest picture has waited for the decoder, ms. */
  get lagMs(): number {
    const { addon, graphId } = this.#options;
    const { videoCodec } = this.branches;
    return videoCodec === undefined || this.#isClosed ? 0 : addon.sourceStats(graphId, `decode-${videoCodec}`).waitedMs;
  }

  /**
   * Looks at what has come; to be called a few times a second while the graph plays.
   *
   * @param lastFrameMs - when the newest decoded picture came, or the attempt began
   */
  check(lastFrameMs: number, hasFrames: boolean): ReceptionVerdict {
    const { addon, graphId } = this.#options;
    const nowMs = addon.nowMs();
    this.#sound.check(nowMs);
    const { videoCodec, videoElement } = this.branches;
    const arrived = videoElement === undefined ? undefined : addon.branchStats(graphId, videoElement).lastArrivedMs;
    const keyframes = videoCodec === undefined ? 0 : addon.sinkStats(graphId, `coded-${videoCodec}`).keyframes;
    const verdict = this.#watch.next({
      ...{ nowMs, lastFrameMs, hasFrames, keyframes },
      ...(arrived !== undefined && { lastPacketMs: arrived }),
    });
    this.#countDrops(nowMs);
    this.#trouble = this.#troubleOf(verdict, nowMs);
    if (verdict.type === 'waiting') this.#requestKeyframe(nowMs);
    return verdict;
  }

  /** Ends with the graph. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#completing);
    await this.#sound.close();
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

  #countDrops(nowMs: number): void {
    const { addon, graphId } = this.#options;
    const { videoCodec } = this.branches;
    if (videoCodec === undefined) return;
    const { dropped } = addon.sourceStats(graphId, `decode-${videoCodec}`);
    if (dropped > this.#dropped) this.#lastDropMs = nowMs;
    this.#dropped = dropped;
  }

  #troubleOf(verdict: ReceptionVerdict, nowMs: number): PictureTrouble | undefined {
    if (nowMs - this.#lastDropMs < OVERLOAD_MEMORY_MS) {
      return this.#trouble?.kind === 'overloaded' ? this.#trouble : { kind: 'overloaded', sinceMs: this.#lastDropMs };
    }
    return verdict.type === 'waiting' ? { kind: 'waiting_for_keyframe', sinceMs: verdict.sinceMs } : undefined;
  }

  /** By RTCP, where the camera's description offers that. */
  #requestKeyframe(nowMs: number): void {
    const { addon, camera, graphId } = this.#options;
    const { videoElement } = this.branches;
    if (nowMs - this.#lastRequestMs < KEYFRAME_REQUEST_MS) return;
    this.#lastRequestMs = nowMs;
    camera.requestKeyframe();
    if (videoElement !== undefined) addon.requestKeyframe(graphId, videoElement);
  }
}
