/** After this many returns of the same person, the risk of the next return is half. */
const PRIOR_RETURNS = 3;
/** Time constant with which old returns are forgotten. */
const MEMORY_S = 30;

/**
 * Statistics of returns after a gap: how often embeddings showed the same person as before it. Where a
 * detector misses people for a moment all the time, returns are learned to be harmless, and embeddings
 * are saved.
 */
export class ReturnStats {
  #same = 0;
  #other = 0;

  /** Share of recent returns that were of the same person, counted with a cautious prior, in [0, 1). */
  get harmlessRatio(): number {
    return this.#same / (this.#same + PRIOR_RETURNS + PRIOR_RETURNS * this.#other);
  }

  /** Lets `elapsedS` ≥ 0 seconds pass: older returns count less. */
  decay(elapsedS: number): void {
    const fade = Math.exp(-elapsedS / MEMORY_S);
    this.#same *= fade;
    this.#other *= fade;
  }

  /** Counts one return, of the same person or of another one. */
  record(wasSame: boolean): void {
    if (wasSame) this.#same += 1;
    else this.#other += 1;
  }
}
