/** More than the handshake and the commands that begin a stream: media is on its way. */
const LIVE_AFTER_BYTES = 16_384;
/** Nothing sent for longer is `stalled`, ms: longer than the pauses of a busy machine. */
const PAUSE_MS = 1000;
/** How far a target may be behind before that counts as `stalled`, ms. */
const BEHIND_MS = 1500;
/** `stalled` lasts for so long after the last sign of it, ms: a slow network takes turns of taking and dropping. */
const RECOVERY_MS = 3000;

/**
 * `connecting`: no media sent yet · `live`: takes what comes · `stalled`: takes nothing, or
 * falls behind, or did so a moment ago · `dead`: took nothing for too long.
 */
export type Flow = 'connecting' | 'live' | 'stalled' | 'dead';

/** What is known about the connection to a target at one moment. */
export interface FlowSample {
  /** Bytes given to the network so far. */
  readonly sentBytes: number;
  /** Waiting before the target's graph, milliseconds of media. */
  readonly queuedMs: number;
  /** Pictures dropped so far because too much waited. */
  readonly dropped: number;
}

/**
 * Whether a target takes what it is given. When its server stops reading, the buffers of the
 * network fill up (less than a second, at usual bitrates), then nothing is sent any more and the queue grows.
 */
export class FlowWatch {
  readonly #timeoutMs: number;
  #flow: Flow = 'connecting';
  #sentBytes = -1;
  #sentMs = 0;
  #dropped = 0;
  #troubleMs = Number.NEGATIVE_INFINITY;

  /**
   * Begins as `connecting`.
   *
   * @param timeoutS - a target that takes nothing for longer is `dead`, s; one that is behind but takes something is not
   */
  constructor(timeoutS: number) {
    this.#timeoutMs = timeoutS * 1000;
  }

  /**
   * Takes in a sample and says how the target is doing.
   *
   * @param nowMs - milliseconds of any steady clock
   */
  update({ sentBytes, queuedMs, dropped }: FlowSample, nowMs: number): Flow {
    if (sentBytes > this.#sentBytes) {
      this.#sentBytes = sentBytes;
      this.#sentMs = nowMs;
    }
    const hasDropped = dropped > this.#dropped;
    this.#dropped = dropped;
    const silentMs = nowMs - this.#sentMs;
    if (silentMs > PAUSE_MS || queuedMs > BEHIND_MS || hasDropped) this.#troubleMs = nowMs;
    if (this.#flow === 'dead' || silentMs >= this.#timeoutMs) this.#flow = 'dead';
    else if (sentBytes < LIVE_AFTER_BYTES) this.#flow = 'connecting';
    else this.#flow = nowMs - this.#troubleMs < RECOVERY_MS ? 'stalled' : 'live';
    return this.#flow;
  }
}

const SENT = /\bout-bytes-total=\(guint64\)(\d+)/;

/** Bytes given to the network, from the `stats` of an `rtmp2sink` as text; 0 where it does not say. */
export function sentBytesOf(stats: unknown): number {
  return typeof stats === 'string' ? Number(SENT.exec(stats)?.[1] ?? 0) : 0;
}
