/** When fewer pictures are painted, and how many. */
export interface PictureRateOptions {
  /** Of the output, frames a second: the most that is painted. */
  readonly fps: number;
  /**
   * Delay behind the decoder, ms, above which fewer pictures are painted. Higher keeps more pictures and lets delay
   * grow, lower the other way round. @defaultValue 150
   */
  readonly mostLagMs?: number;
}

/** The rate is reconsidered so often, ms. */
const WINDOW_MS = 1000;
/** What is left of the rate after a window with too much delay. */
const DECREASE = 0.8;
/** What is added to the rate after a window with little delay, as a share of the full rate: 5 s from half to all. */
const INCREASE = 0.1;
/** Little delay: this share of the most. Between the two the rate stays. */
const LITTLE = 0.5;
/** Below this share of the pictures it is told. */
const TOLD = 0.75;
/** At least this many pictures a second are painted, whatever the load. */
const LEAST_FPS = 5;
/** After so long without a picture of the source, s, pictures that show the same one again are painted too. */
const QUIET_AFTER_S = 0.5;

/**
 * How many pictures are painted and encoded where there is not enough processor time: fewer by a fifth each second in
 * which the delay is too large, more by a tenth of the full rate where it is small (additive increase, multiplicative
 * decrease; Chiu and Jain 1989: streams that share a machine come to even rates, each with its own delay as its only
 * sign). Those that are left out are spread evenly; first of all they are those that show a picture of the source again.
 * Time comes in as an argument.
 */
export class PictureRate {
  readonly #fps: number;
  readonly #mostLagMs: number;
  /** Share of the output's pictures that are painted. */
  #share = 1;
  #isReduced = false;
  #toldReduced = false;
  /** Pictures that may be painted; at least 1 for the next one. */
  #credit = 0;
  /** Of the output, since the last one that shows a picture of the source for the first time. */
  #repeats = 0;
  #windowEndMs: number | undefined;
  #lags: number[] = [];

  constructor({ fps, mostLagMs = 150 }: PictureRateOptions) {
    this.#fps = fps;
    this.#mostLagMs = mostLagMs;
  }

  /** Pictures a second that are painted now, at most. */
  get fps(): number {
    return this.#share * this.#fps;
  }

  /** Whether so many pictures are left out that it should be told: from a quarter on until there are all again. */
  get isReduced(): boolean {
    return this.#isReduced;
  }

  /** {@link PictureRate.isReduced} where it is another than at the last call; `undefined` where it is not. */
  takeChange(): boolean | undefined {
    if (this.#isReduced === this.#toldReduced) return undefined;
    this.#toldReduced = this.#isReduced;
    return this.#isReduced;
  }

  /** A picture took so long, ms, from the decoder to its end; `nowMs` of any steady clock. */
  measured(lagMs: number, nowMs: number): void {
    this.#windowEndMs ??= nowMs + WINDOW_MS;
    this.#lags.push(lagMs);
    if (nowMs < this.#windowEndMs) return;
    this.#windowEndMs = nowMs + WINDOW_MS;
    const inOrder = this.#lags.sort((a, b) => a - b);
    const middle = inOrder[Math.floor(inOrder.length / 2)] ?? 0;
    this.#lags = [];
    if (middle > this.#mostLagMs) this.#share = Math.max(LEAST_FPS / this.#fps, this.#share * DECREASE);
    else if (middle < this.#mostLagMs * LITTLE) this.#share = Math.min(1, this.#share + INCREASE);
    if (this.#share <= TOLD) this.#isReduced = true;
    if (this.#share === 1) this.#isReduced = false;
  }

  /**
   * Whether the next picture of the output is painted; to be called once for each.
   *
   * @param isNew - whether it shows a picture of the source for the first time
   */
  take(isNew: boolean): boolean {
    this.#credit = Math.min(1.5, this.#credit + this.#share);
    this.#repeats = isNew ? 0 : this.#repeats + 1;
    const isSpared = this.#share < 1 && this.#repeats > 0 && this.#repeats <= QUIET_AFTER_S * this.#fps;
    if (isSpared || this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}
