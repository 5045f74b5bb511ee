/**
 * A number that follows its target without a jump and without overshoot, also while the target moves: a critically
 * damped spring, integrated exactly. No clock: time comes in as differences.
 */
export class EasedValue {
  readonly #stiffness: number;
  #value: number;
  #speed = 0;

  /**
   * Begins at rest.
   *
   * @param value - where it is
   * @param timeS - time constant, s, > 0: after three of them about 80 % of a step are done. Lower follows sooner
   */
  constructor(value: number, timeS: number) {
    this.#value = value;
    this.#stiffness = 1 / timeS;
  }

  /** Where it is. */
  get value(): number {
    return this.#value;
  }

  /** Goes there at once, and rests. */
  snap(value: number): void {
    this.#value = value;
    this.#speed = 0;
  }

  /** Moves on by `dtS` ≥ 0 seconds. */
  update(dtS: number, target: number): void {
    const away = this.#value - target;
    const rest = this.#speed + this.#stiffness * away;
    const decay = Math.exp(-this.#stiffness * dtS);
    this.#value = target + (away + rest * dtS) * decay;
    this.#speed = (this.#speed - this.#stiffness * rest * dtS) * decay;
  }
}
