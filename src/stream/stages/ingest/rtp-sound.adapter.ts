import { DiptychError } from '../../../shared/domain/errors.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { MediaTap } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import type { BusMessage, NativeAddon } from '../../native/types.js';
import { parseRtpCaps } from './rtp-caps.js';
import { explainSoundError } from './sound-error.js';
import { playableSound } from './sound-codec.js';
import type { SourceInfo } from './source-session.js';

/** What an {@link RtpSound} works with, and whom it tells. */
export interface RtpSoundOptions {
  /** Links graphs. */
  readonly addon: Pick<NativeAddon, 'link' | 'moveLinks' | 'sinkStats'>;
  /** The sink that the RTP packets of the sound reach. */
  readonly packets: MediaTap;
  /** The sink that listeners are linked to while nothing decodes; nothing ever comes out of it. */
  readonly idle: MediaTap;
  /** The source in messages, secrets masked. */
  readonly source: string;
  /** Told why there is no sound. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** The sound is known, or why there is none. */
  readonly onInfo: (info: Pick<SourceInfo, 'audio' | 'audioReason'>) => void;
}

const NAME = 'audio';
/** RTP of the sound that may wait to be decoded, ms. */
const QUEUE_MS = 1000;
/** Packets that come for so long without a sample decoded from them are told, ms. */
const DEAF_AFTER_MS = 3000;

/**
 * Decodes the sound of an RTSP source in a graph of its own, so that whatever is wrong with it leaves the picture
 * alone: where it fails, there is silence, and the reason is told once.
 */
export class RtpSound {
  readonly #options: RtpSoundOptions;
  #graph: Graph | undefined;
  #codec: string | undefined;
  #isClosed = false;
  #starting: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  /** Since when packets come and nothing is decoded of them. */
  #deafSinceMs: number | undefined;
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

  /** RTP with these caps comes in; later calls are ignored. */
  start(caps: string): void {
    this.#starting ??= this.#start(caps).catch((error: unknown) => {
      this.#fail(error instanceof DiptychError ? error.message : String(error));
    });
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
    this.#seen = seen;
    if (hasPaused) return;
    if (!isDeaf) {
      this.#deafSinceMs = undefined;
      if (this.#reason !== undefined) this.#tellCodec();
      return;
    }
    this.#deafSinceMs ??= nowMs;
    if (this.#reason !== undefined || nowMs - this.#deafSinceMs < DEAF_AFTER_MS) return;
    this.#tell(`${this.#codec ?? 'sound'} arrives, and nothing of it can be decoded`);
  }

  /** Frees the graph. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#starting;
    await this.#ending;
    await this.#graph?.close();
  }

  async #start(caps: string): Promise<void> {
    const { addon, idle, packets } = this.#options;
    const codec = playableSound(parseRtpCaps(caps));
    if (typeof codec === 'string') {
      this.#tell(codec);
      return;
    }
    this.#codec = codec.name;
    const graph = await Graph.load('ingest-sound', { decoder: codec.launch });
    if (this.#isClosed) {
      await graph.close();
      return;
    }
    graph.messages$.subscribe((message) => this.#onMessage(message));
    addon.moveLinks(idle, { graphId: graph.id, element: NAME });
    this.#graph = graph;
    graph.play();
    addon.link(packets, { graphId: graph.id, element: 'rtp' }, { maxQueueMs: QUEUE_MS, startOnKeyframe: false });
    this.#tellCodec();
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
    this.#options.addon.moveLinks(this.tap, this.#options.idle);
    this.#graph = undefined;
    this.#ending = graph.close();
  }

  #tellCodec(): void {
    this.#reason = undefined;
    if (this.#codec !== undefined) this.#options.onInfo({ audio: this.#codec, audioReason: undefined });
  }

  #tell(reason: string): void {
    const { logger, source, onInfo } = this.#options;
    this.#reason = reason;
    logger.warn({ source, reason }, 'the source has no sound that can be used; there is silence instead');
    onInfo({ audio: 'none', audioReason: reason });
  }
}
