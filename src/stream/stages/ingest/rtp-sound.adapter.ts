import { DiptychError } from '../../../shared/domain/errors.js';
import { Backoff } from '../../../shared/retry/backoff.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { MediaTap } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import type { BusMessage, NativeAddon } from '../../native/types.js';
import { elementarySound } from './elementary-codec.js';
import { parseRtpCaps } from './rtp-caps.js';
import { explainSoundError } from './sound-error.js';
import { playableSound } from './sound-codec.js';
import type { SourceInfo } from './source-session.js';

/** What an {@link RtpSound} works with, and whom it tells. */
export interface RtpSoundOptions {
  /** Links graphs. */
  readonly addon: Pick<NativeAddon, 'link' | 'moveLinks' | 'nowMs' | 'sinkStats'>;
  /** The sink that the RTP packets of the sound reach. */
  readonly packets: MediaTap;
  /** The sink that listeners are linked to while nothing decodes; nothing ever comes out of it. */
  readonly idle: MediaTap;
  /** The source in messages, secrets masked. */
  readonly source: string;
  /** As in `LinkOptions`. @defaultValue 0 */
  readonly advanceMs?: number;
  /** Whether it comes ahead of its time, and has to wait for that. @defaultValue false */
  readonly isPaced?: boolean;
  /** Told why there is no sound. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** The sound is known, or why there is none. */
  readonly onInfo: (info: Pick<SourceInfo, 'audio' | 'audioReason'>) => void;
}

const NAME = 'audio';
/** RTP of the sound that may wait to be decoded, ms. */
const QUEUE_MS = 1000;
/** The same of what comes ahead of its time, ms. */
const PACED_QUEUE_MS = 60_000;
/** Packets that come for so much longer without a sample decoded from them than with one are told, ms. */
const DEAF_AFTER_MS = 3000;
/** After a failure, samples come for so long without a gap before sound is told again, ms: garbage decodes now and then. */
const HEARD_AFTER_MS = 2000;

/** Sound that fails, ms: what is damaged now and then is back soon, what never works is seldom tried. */
const RETRY = { baseMs: 500, capMs: 60_000, healthyAfterS: 2 };
/** The same reason is not logged again for this long, ms. */
const SAME_REASON_MS = 60_000;

/**
 * Decodes the sound of an RTSP source in a graph of its own, so that whatever is wrong with it leaves the picture
 * alone: where it fails, there is silence, the reason is told once, and decoding begins anew.
 */
export class RtpSound {
  readonly #options: RtpSoundOptions;
  #graph: Graph | undefined;
  #codec: string | undefined;
  readonly #backoff = new Backoff(RETRY);
  #isClosed = false;
  #caps: string | undefined;
  #starting: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** When the first sample of the graph was noticed. */
  #worksSinceMs: number | undefined;
  #logged = { reason: '', atMs: Number.NEGATIVE_INFINITY };
  /** For how long packets have come and nothing was decoded of them, less the time in which something was, ms. */
  #deafMs = 0;
  #checkedMs: number | undefined;
  /** After a failure: since when samples come without a gap. */
  #heardSinceMs: number | undefined;
  /** Why there is no sound now. */
  #reason: string | undefined;
  #seen = { packets: 0, samples: 0 };

  constructor(options: RtpSoundOptions) {
    this.#options = options;
  }

  /** Where samples come out now. */
  get tap(): MediaTap {
    return this.#graph ? { graphId: this.#graph.id, element: NAME } : this.#options.idle;
  }

  /** Sound with these caps comes in, as RTP or not; later calls are ignored. */
  start(caps: string): void {
    if (this.#caps !== undefined) return;
    this.#caps = caps;
    this.#begin(caps);
  }

  /** Notices sound that comes and cannot be decoded; to be called now and then. */
  check(nowMs: number): void {
    if (!this.#graph) return;
    const { addon, packets } = this.#options;
    const seen = {
      packets: addon.sinkStats(packets.graphId, packets.element).received,
      samples: addon.sinkStats(this.#graph.id, NAME).received,
    };
    const isDeaf = seen.packets > this.#seen.packets && seen.samples === this.#seen.samples;
    const hasPaused = seen.packets === this.#seen.packets;
    if (seen.samples > 0) this.#worksSinceMs ??= nowMs;
    this.#seen = seen;
    const passedMs = nowMs - (this.#checkedMs ?? nowMs);
    this.#checkedMs = nowMs;
    if (hasPaused) return;
    this.#deafMs = Math.max(0, this.#deafMs + (isDeaf ? passedMs : -passedMs));
    if (!isDeaf) {
      this.#heardSinceMs ??= nowMs;
      if (this.#reason !== undefined && nowMs - this.#heardSinceMs >= HEARD_AFTER_MS) this.#tellCodec();
      return;
    }
    this.#heardSinceMs = undefined;
    if (this.#reason !== undefined || this.#deafMs < DEAF_AFTER_MS) return;
    this.#tell(`${this.#codec ?? 'sound'} arrives, and nothing of it can be decoded`);
  }

  /** Frees the graph. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#starting;
    await this.#ending;
    await this.#graph?.close();
  }

  #begin(caps: string): void {
    this.#starting = this.#start(caps).catch((error: unknown) => {
      this.#fail(error instanceof DiptychError ? error.message : String(error));
    });
  }

  async #start(caps: string): Promise<void> {
    const { addon, idle, packets, advanceMs = 0, isPaced = false } = this.#options;
    const codec = caps.startsWith('application/x-rtp') ? playableSound(parseRtpCaps(caps)) : elementarySound(caps);
    if (typeof codec === 'string') {
      this.#tell(codec);
      return;
    }
    this.#codec = codec.name;
    const graph = await Graph.load('ingest-sound', { decoder: isPaced ? `clocksync ! ${codec.launch}` : codec.launch });
    if (this.#isClosed) {
      await graph.close();
      return;
    }
    graph.messages$.subscribe((message) => this.#onMessage(message));
    addon.moveLinks(idle, { graphId: graph.id, element: NAME });
    this.#graph = graph;
    this.#worksSinceMs = undefined;
    this.#deafMs = 0;
    this.#checkedMs = undefined;
    this.#heardSinceMs = undefined;
    this.#seen = { packets: addon.sinkStats(packets.graphId, packets.element).received, samples: 0 };
    graph.play();
    const maxQueueMs = isPaced ? PACED_QUEUE_MS : QUEUE_MS;
    addon.link(packets, { graphId: graph.id, element: 'rtp' }, { maxQueueMs, startOnKeyframe: false, advanceMs });
    // After a failure samples say so.
    if (this.#reason === undefined) this.#tellCodec();
  }

  #onMessage(message: BusMessage): void {
    if (message.type === 'error') this.#fail(explainSoundError(message));
  }

  /** The picture goes on, in silence. */
  #fail(reason: string): void {
    const graph = this.#graph;
    const what = this.#codec === undefined ? reason : `${this.#codec} cannot be decoded: ${reason}`;
    this.#tell(what);
    if (!graph || this.#isClosed) return;
    const { addon, idle } = this.#options;
    addon.moveLinks(this.tap, idle);
    this.#graph = undefined;
    const ending = graph.close();
    this.#ending = ending;
    const workedMs = this.#worksSinceMs === undefined ? 0 : addon.nowMs() - this.#worksSinceMs;
    this.#retry = setTimeout(() => {
      void ending.then(() => {
        if (!this.#isClosed && this.#caps !== undefined) this.#begin(this.#caps);
      });
    }, this.#backoff.nextDelayMs(workedMs));
  }

  #tellCodec(): void {
    this.#reason = undefined;
    if (this.#codec !== undefined) this.#options.onInfo({ audio: this.#codec, audioReason: undefined });
  }

  #tell(reason: string): void {
    const { addon, logger, source, onInfo } = this.#options;
    this.#reason = reason;
    const nowMs = addon.nowMs();
    const isKnown = reason === this.#logged.reason && nowMs - this.#logged.atMs < SAME_REASON_MS;
    if (!isKnown) {
      this.#logged = { reason, atMs: nowMs };
      logger.warn({ source, reason }, 'the source has no sound that can be used; there is silence instead');
    }
    onInfo({ audio: 'none', audioReason: reason });
  }
}
