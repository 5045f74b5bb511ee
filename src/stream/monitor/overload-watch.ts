/** Looked at so often, ms. */
const WINDOW_MS = 1000;
/** This share of the source's pictures may be left out before it counts. */
const MOST_LEFT_OUT = 0.25;
/** Once it is overloaded, no more than this share may be left out for it to be over. */
const LITTLE_LEFT_OUT = 0.05;
/** Delay behind the decoder that counts, ms: more than three times what the stream allows itself. */
const MOST_LAG_MS = 500;
/** So many windows in a row begin it. */
const BEGINS_AFTER = 3;
/** So many in a row end it, so that a stream that goes back and forth says one thing. */
const ENDS_AFTER = 5;

/** A composed picture. */
export interface ShownPicture {
  /** It shows a picture of the source for the first time. */
  readonly isNew: boolean;
  /** Painting was too slow: the picture before was shown again. */
  readonly isLate: boolean;
  /** From the decoder to the encoder, ms; absent where it is not known. */
  readonly lagMs?: number | undefined;
}

/**
 * Whether this machine is too slow for a stream: a quarter of the source's pictures are not shown, or they are shown half
 * a second late, for three seconds. It is over once nearly all have been shown in time for five. Time comes in as an
 * argument.
 */
export class OverloadWatch {
  #windowEndMs: number | undefined;
  #shown = 0;
  #leftOut = 0;
  #lags: number[] = [];
  #short = 0;
  #good = 0;
  #sinceMs: number | undefined;

  /** Since when it is overloaded, on the clock of the arguments; `undefined`: it is not. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** A picture of the source is not painted, because there is no time for it. */
  leftOut(nowMs: number): void {
    this.#leftOut += 1;
    this.#advance(nowMs);
  }

  /** A picture was composed. */
  shown({ isNew, isLate, lagMs }: ShownPicture, nowMs: number): void {
    if (isNew && isLate) this.#leftOut += 1;
    else if (isNew) this.#shown += 1;
    if (isNew && !isLate && lagMs !== undefined) this.#lags.push(lagMs);
    this.#advance(nowMs);
  }

  #advance(nowMs: number): void {
    this.#windowEndMs ??= nowMs + WINDOW_MS;
    if (nowMs < this.#windowEndMs) return;
    const beganMs = this.#windowEndMs - WINDOW_MS;
    this.#windowEndMs = nowMs + WINDOW_MS;
    this.#judge(beganMs);
    this.#shown = 0;
    this.#leftOut = 0;
    this.#lags = [];
  }

  #judge(beganMs: number): void {
    const missing = this.#leftOut / Math.max(1, this.#shown + this.#leftOut);
    const lagMs = this.#lags.sort((a, b) => a - b)[Math.floor(this.#lags.length / 2)] ?? 0;
    const isOverloaded = this.#sinceMs !== undefined;
    const isShort = missing > (isOverloaded ? LITTLE_LEFT_OUT : MOST_LEFT_OUT) || lagMs > MOST_LAG_MS;
    this.#short = isShort ? this.#short + 1 : 0;
    this.#good = isShort ? 0 : this.#good + 1;
    if (this.#short >= BEGINS_AFTER) this.#sinceMs ??= beganMs - (BEGINS_AFTER - 1) * WINDOW_MS;
    if (this.#good >= ENDS_AFTER) this.#sinceMs = undefined;
  }
}
