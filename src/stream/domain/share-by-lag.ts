/** A bound for the delays of a second. */
export interface LagLimit {
  /** Which of them, in their order, as a fraction: 0.5 is the median. */
  readonly quantile: number;
  /** The most that it may be, ms. */
  readonly mostMs: number;
}

/** How a share follows the delay. */
export interface ShareByLagOptions {
  /** A second in which one of them is exceeded has too much delay. */
  readonly limits: readonly LagLimit[];
  /** The share is never smaller, 0…1. */
  readonly least: number;
  /** What is left of the share after a second with too much delay, 0…1; lower gives way faster. */
  readonly decrease: number;
  /** What is added to the share after a second with little delay, 0…1; lower comes back more slowly, and evener. */
  readonly increase: number;
}

/** The share is reconsidered so often, ms. */
const WINDOW_MS = 1000;
/** Little delay: this fraction of each limit. Between the two the share stays. */
const LITTLE = 0.5;

/**
 * Which share of some work is done where there is not enough processor time for all of it: less by a factor each second
 * in which the delay is too large, more by a part of the whole where it is small (additive increase, multiplicative
 * decrease; Chiu and Jain 1989: streams that share a machine come to even shares, each with its own delay as its only
 * sign). Time comes in as an argument.
 */
export class ShareByLag {
  readonly #options: ShareByLagOptions;
  #share = 1;
  #windowEndMs: number | undefined;
  #lags: number[] = [];

  /** Begins with all of the work. */
  constructor(options: ShareByLagOptions) {
    this.#options = options;
  }

  /** From `least` to 1. */
  get share(): number {
    return this.#share;
  }

  /** A picture took so long, ms, from the decoder to its end; `nowMs` of any steady clock. */
  measured(lagMs: number, nowMs: number): void {
    this.#windowEndMs ??= nowMs + WINDOW_MS;
    this.#lags.push(lagMs);
    if (nowMs < this.#windowEndMs) return;
    this.#windowEndMs = nowMs + WINDOW_MS;
    const inOrder = this.#lags.sort((a, b) => a - b);
    this.#lags = [];
    const { limits, least, decrease, increase } = this.#options;
    const use = ({ quantile, mostMs }: LagLimit): number =>
      (inOrder[Math.floor(inOrder.length * quantile)] ?? 0) / mostMs;
    const most = Math.max(...limits.map(use));
    if (most > 1) this.#share = Math.max(least, this.#share * decrease);
    else if (most < LITTLE) this.#share = Math.min(1, this.#share + increase);
  }
}
