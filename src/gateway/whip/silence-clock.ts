/** How long a counter has not risen. Times are those of the caller, ms. */
export class SilenceClock {
  #count = -1;
  #sinceMs: number;

  /** Begins counting at `nowMs`. */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** Takes in the counter. Returns for how long it has not risen, ms. */
  next(count: number, nowMs: number): number {
    if (count > this.#count) {
      this.#count = count;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs;
  }
}
