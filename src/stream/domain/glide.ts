/**
 * A number that moves to its target in a given time along a quintic: it starts and ends at rest
 * without a jerk. A new target on the way is reached from the current value, velocity and acceleration, so an interruption
 * is not visible (C²).
 *
 * Time comes in as seconds of PTS. Source: minimum-jerk trajectory, Flash & Hogan 1985.
 */
export class Glide {
  #target: number;
  #startS = 0;
  #durationS = 0;
  /** Coefficients of the quintic in s = (t − start) / duration, from the constant on. */
  #coefficients: readonly number[];

  constructor(value: number) {
    this.#target = value;
    this.#coefficients = [value];
  }

  /** The value that it ends at. */
  get target(): number {
    return this.#target;
  }

  /** When the target is reached, seconds of PTS. */
  get endS(): number {
    return this.#startS + this.#durationS;
  }

  /** Moves to `target` within `durationS` ≥ 0 seconds from `nowS` (seconds of PTS); 0 is a jump. */
  to(target: number, nowS: number, durationS: number): void {
    const [value, velocity, acceleration] = this.#motion(nowS);
    this.#target = target;
    this.#startS = nowS;
    this.#durationS = durationS;
    const way = target - value;
    const v = velocity * durationS;
    const a = acceleration * durationS * durationS;
    this.#coefficients = [
      value,
      v,
      a / 2,
      10 * way - 6 * v - 1.5 * a,
      -15 * way + 8 * v + 1.5 * a,
      6 * way - 3 * v - 0.5 * a,
    ];
  }

  /** Jumps to `value`, at rest. */
  snap(value: number): void {
    this.#target = value;
    this.#durationS = 0;
  }

  /** The value at `nowS`, seconds of PTS; exactly the target once the duration is over. */
  at(nowS: number): number {
    return this.isSettled(nowS) ? this.#target : this.#motion(nowS)[0];
  }

  /** Whether the target is reached. */
  isSettled(nowS: number): boolean {
    return nowS >= this.#startS + this.#durationS || this.#durationS === 0;
  }

  #motion(nowS: number): readonly [value: number, velocity: number, acceleration: number] {
    if (this.isSettled(nowS)) return [this.#target, 0, 0];
    const s = (nowS - this.#startS) / this.#durationS;
    let value = 0;
    let slope = 0;
    let bend = 0;
    // Horner's scheme for the polynomial and its first two derivatives at once.
    for (const coefficient of [...this.#coefficients].reverse()) {
      bend = bend * s + 2 * slope;
      slope = slope * s + value;
      value = value * s + coefficient;
    }
    return [value, slope / this.#durationS, bend / this.#durationS ** 2];
  }
}
