import type { StreamConfig } from '../../shared/config/schema.js';

const SECOND_MS = 1000;

/**
 * The least distance of keyframes that viewers may cause, ms of PTS. Targets are sent the same pictures, and platforms
 * want keyframes evenly: half a group apart. Where nothing is published, viewers get theirs at once.
 */
export function keyframeDistanceMs({ targets, output }: Pick<StreamConfig, 'targets' | 'output'>): number {
  return targets.length > 0 ? (output.gopS * SECOND_MS) / 2 : 0;
}

/** Tunes a {@link KeyframeLimiter}. */
export interface KeyframeLimiterOptions {
  /**
   * Keyframes in any second, ≥ 1. Higher: viewers who join see a picture sooner. Lower: keyframes,
   * which are large, take less of the bitrate. @defaultValue 2
   */
  readonly perSecond?: number;
}

/**
 * Holds keyframe requests to so many a second: the first ones pass at once, later ones are merged
 * into one that falls due as soon as the second allows. Time comes in, the decision goes out.
 */
export class KeyframeLimiter {
  readonly #perSecond: number;
  /** When the last ones passed, ms, oldest first; at most `perSecond`. */
  #passedMs: number[] = [];
  #isWaiting = false;

  constructor({ perSecond = 2 }: KeyframeLimiterOptions = {}) {
    this.#perSecond = perSecond;
  }

  /** When the merged request falls due, ms; absent where none waits. */
  get dueAtMs(): number | undefined {
    return this.#isWaiting ? this.#freeAtMs() : undefined;
  }

  /**
   * A viewer asks for a keyframe.
   *
   * @returns whether to send one now; otherwise one falls due at {@link dueAtMs}
   */
  request(nowMs: number): boolean {
    if (nowMs >= this.#freeAtMs()) return this.#pass(nowMs);
    this.#isWaiting = true;
    return false;
  }

  /**
   * Time has passed.
   *
   * @returns whether the merged request is to be sent now
   */
  isDue(nowMs: number): boolean {
    return this.#isWaiting && nowMs >= this.#freeAtMs() && this.#pass(nowMs);
  }

  #freeAtMs(): number {
    const oldestMs = this.#passedMs[0];
    const isFull = oldestMs !== undefined && this.#passedMs.length >= this.#perSecond;
    return isFull ? oldestMs + SECOND_MS : Number.NEGATIVE_INFINITY;
  }

  #pass(nowMs: number): true {
    this.#passedMs = [...this.#passedMs, nowMs].slice(-this.#perSecond);
    this.#isWaiting = false;
    return true;
  }
}
