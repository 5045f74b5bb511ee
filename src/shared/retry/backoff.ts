/** Tells how long to wait before the next attempt. */
export interface RetryPolicy {
  /**
   * Milliseconds, ≥ 0, before the next attempt.
   *
   * @param workedMs - for how long the attempt that just failed had worked, ms; 0 where it never did
   */
  nextDelayMs(workedMs: number): number;
}

/** Tunes a {@link Backoff}. */
export interface BackoffOptions {
  /**
   * Upper bound of the first delay, ms, > 0; it doubles with every failure. Higher: a short
   * interruption lasts longer. Lower: more attempts on what stays away. @defaultValue 500
   */
  readonly baseMs?: number;
  /**
   * Upper bound of every delay, ms. Higher: fewer attempts on what is away for hours. Lower: it is
   * back sooner once it can be reached. @defaultValue 30,000
   */
  readonly capMs?: number;
  /**
   * No delay is shorter, ms; keeps a series of small random numbers from becoming a busy loop.
   * @defaultValue 50
   */
  readonly floorMs?: number;
  /**
   * An attempt that worked for this long, s, makes the next failure the first one. Higher: what fails
   * now and then is waited for longer each time. Lower: what fails soon after each start is tried
   * again at the pace of first failures. @defaultValue 30
   */
  readonly healthyAfterS?: number;
  /**
   * Whether the first failure is followed by the next attempt at once, without the floor: for what
   * many wait for and what seldom fails twice. The second one waits as the first does otherwise.
   * @defaultValue false
   */
  readonly isFirstAtOnce?: boolean;
  /**
   * This many failures in a row are all waited for as the first one. Higher: more attempts on what
   * stays away. Lower: what is back after some seconds is noticed later. @defaultValue 0
   */
  readonly quickFailures?: number;
  /** Uniform in [0, 1). @defaultValue Math.random */
  readonly random?: () => number;
}

/**
 * The one policy of every restart: exponential back-off with full jitter, so that many that failed
 * together do not come back together.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015:
 * delay = random between 0 and min(cap, base · 2^failures).
 */
export class Backoff implements RetryPolicy {
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #floorMs: number;
  readonly #healthyAfterMs: number;
  readonly #freeFailures: number;
  readonly #quickFailures: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions = {}) {
    this.#baseMs = options.baseMs ?? 500;
    this.#capMs = options.capMs ?? 30_000;
    this.#floorMs = options.floorMs ?? 50;
    this.#healthyAfterMs = (options.healthyAfterS ?? 30) * 1000;
    this.#freeFailures = options.isFirstAtOnce === true ? 1 : 0;
    this.#quickFailures = options.quickFailures ?? 0;
    this.#random = options.random ?? Math.random;
  }

  /** Counts a failure; the delay is between the floor and the cap, ms, or 0 where the first one is free. */
  nextDelayMs(workedMs = 0): number {
    if (workedMs >= this.#healthyAfterMs) this.#failures = 0;
    this.#failures += 1;
    if (this.#failures <= this.#freeFailures) return 0;
    const boundMs = Math.min(this.#capMs, this.#baseMs * 2 ** this.#doublings);
    return Math.max(this.#floorMs, this.#random() * boundMs);
  }

  get #doublings(): number {
    return Math.max(0, this.#failures - 1 - this.#freeFailures - this.#quickFailures);
  }
}
