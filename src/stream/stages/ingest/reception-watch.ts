/** What came from a camera so far, in running time, ms. */
export interface ReceptionSample {
  /** Now. */
  readonly nowMs: number;
  /** When the newest decoded picture came; before the first one when the attempt began. */
  readonly lastFrameMs: number;
  /** Whether there was a decoded picture at all. */
  readonly hasFrames: boolean;
  /** When the newest packet with pictures came; absent before the first. */
  readonly lastPacketMs?: number;
  /** Pictures so far that decoding can begin with. */
  readonly keyframes: number;
  /** Pictures so far that were dropped, because the decoder could not follow. */
  readonly dropped: number;
  /** How often so far decoding gave up because of what came. */
  readonly failures: number;
}

/** How long to be patient, s. */
export interface ReceptionLimits {
  /** Without a packet. */
  readonly timeoutS: number;
  /** While packets come, and no picture can be decoded because no keyframe has come. */
  readonly maxGopS: number;
}

/**
 * What follows from it. `receiving`: nothing to say · `waiting`: packets come, and no keyframe that decoding could
 * begin with, since `sinceMs` · `silent`, `undecodable`, `no-keyframe`: the attempt is to be given up.
 */
export type ReceptionVerdict =
  | { readonly type: 'receiving' }
  | { readonly type: 'waiting'; readonly sinceMs: number }
  | { readonly type: 'silent' }
  | { readonly type: 'undecodable'; readonly keyframes: number; readonly failures: number }
  | { readonly type: 'no-keyframe' };

/** A connection that is silent as a whole says so itself, and says more; it is given this long, ms. */
const GRACE_MS = 1000;
/** Packets are taken to flow while the newest is younger than this, ms. */
const FLOWING_MS = 2000;
/** Without a picture for this long while packets flow, a keyframe is waited for, ms. */
const WAITING_AFTER_MS = 1000;
/** So many keyframes, or failures, without a picture decoded between them: the decoder does not take what comes. */
const MAX_USELESS = 3;

/**
 * Tells a camera that is silent from one whose pictures cannot be decoded yet. Time stands still neither for it nor
 * for its caller: all times are those of the samples.
 */
export class ReceptionWatch {
  readonly #limits: ReceptionLimits;
  #countedFrameMs = Number.NEGATIVE_INFINITY;
  #keyframesAtFrame = 0;
  #failuresAtFrame = 0;
  #droppedAtFrame = 0;

  constructor(limits: ReceptionLimits) {
    this.#limits = limits;
  }

  /** Takes in the next sample, in order of time. */
  next(sample: ReceptionSample): ReceptionVerdict {
    const { nowMs, lastFrameMs, lastPacketMs, keyframes, dropped, failures } = sample;
    if (lastFrameMs > this.#countedFrameMs) {
      if (this.#countedFrameMs !== Number.NEGATIVE_INFINITY) {
        this.#keyframesAtFrame = keyframes;
        this.#failuresAtFrame = failures;
        this.#droppedAtFrame = dropped;
      }
      this.#countedFrameMs = lastFrameMs;
    }
    const timeoutMs = this.#limits.timeoutS * 1000;
    const withoutFrameMs = nowMs - lastFrameMs;
    const withoutPacketMs = nowMs - (lastPacketMs ?? lastFrameMs);
    if (withoutFrameMs < WAITING_AFTER_MS) return { type: 'receiving' };
    if (Math.min(withoutPacketMs, withoutFrameMs) >= timeoutMs + GRACE_MS) return { type: 'silent' };
    if (lastPacketMs === undefined || withoutPacketMs >= FLOWING_MS) return { type: 'receiving' };
    // What was dropped is not the fault of what came.
    const tried = dropped > this.#droppedAtFrame ? 0 : keyframes - this.#keyframesAtFrame;
    const useless = { keyframes: tried, failures: failures - this.#failuresAtFrame };
    if (Math.max(useless.keyframes, useless.failures) >= MAX_USELESS && withoutFrameMs >= timeoutMs) {
      return { type: 'undecodable', ...useless };
    }
    if (withoutFrameMs >= this.#limits.maxGopS * 1000) return { type: 'no-keyframe' };
    return { type: 'waiting', sinceMs: lastFrameMs };
  }
}
