/** So many harmless returns halve the risk of the next one. */
const PRIOR_RETURNS = 3;
/** Time constant of forgetting how returns turned out. */
const MEMORY_S = 30;

/**
 * How returns after a gap turned out when they were looked at. Where a detector loses people for a
 * moment all the time, that the same person comes back is learnt, and looks are saved.
 */
export class ReturnTally {
  #same = 0;
  #other = 0;

  /** Share of the latest returns that were harmless, cautiously counted, in [0, 1). */
  get harmlessness(): number {
    return this.#same / (this.#same + PRIOR_RETURNS + PRIOR_RETURNS * this.#other);
  }

  /** Lets what is known fade. */
  pass(elapsedS: number): void {
    const fade = Math.exp(-elapsedS / MEMORY_S);
    this.#same *= fade;
    this.#other *= fade;
  }

  note(wasSame: boolean): void {
    if (wasSame) this.#same += 1;
    else this.#other += 1;
  }
}
