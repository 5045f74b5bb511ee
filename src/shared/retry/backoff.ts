export interface BackoffOptions {
  /** Upper bound of the first delay, ms, > 0; it doubles with every failure. @defaultValue 500 */
  readonly baseMs?: number;
  /** Upper bound of every delay, ms. @defaultValue 30,000 */
  readonly capMs?: number;
  /**
   * No delay is shorter, ms; keeps a string of small random numbers from becoming a busy loop.
   * @defaultValue 50
   */
  readonly floorMs?: number;
  /** An attempt that worked for this long, s, makes the next failure the first one. @defaultValue 30 */
  readonly healthyAfterS?: number;
  /** Uniform in [0, 1). @defaultValue Math.random */
  readonly random?: () => number;
}

/**
 * How long to wait before the next attempt: exponential back-off with full jitter, so that many
 * that failed together do not come back together.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015:
 * delay = random between 0 and min(cap, base · 2^attempt).
 */
export class Backoff {
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #floorMs: number;
  readonly #healthyAfterMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: BackoffOptions = {}) {
    this.#baseMs = options.baseMs ?? 500;
    this.#capMs = options.capMs ?? 30_000;
    this.#floorMs = options.floorMs ?? 50;
    this.#healthyAfterMs = (options.healthyAfterS ?? 30) * 1000;
    this.#random = options.random ?? Math.random;
  }

  /** The delay before the next attempt, ms; `ranMs` is how long the one that just failed had worked. */
  nextDelayMs(ranMs = 0): number {
    if (ranMs >= this.#healthyAfterMs) this.#failures = 0;
    const boundMs = Math.min(this.#capMs, this.#baseMs * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(this.#floorMs, this.#random() * boundMs);
  }
}
