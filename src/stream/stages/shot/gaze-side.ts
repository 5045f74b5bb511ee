import type { Gaze } from '../../../shared/domain/detection.js';

/** Time constant of the average, s: higher follows glances less. */
const AVERAGE_S = 1;
/** Somebody looks to a side from this average on, and no more below the second number. */
const LOOKS = 0.6;
const LOOKS_NO_MORE = 0.3;

/** To which side somebody looks, without glances. Time comes in as differences. */
export class GazeSide {
  /** -1 always to the left … 1 always to the right. */
  #average = 0;
  #side: -1 | 0 | 1 = 0;

  /** Takes in where the person looks now, for `dtS` ≥ 0 seconds; unknown is to no side. */
  update(gaze: Gaze | undefined, dtS: number): void {
    const now = gaze === 'left' ? -1 : gaze === 'right' ? 1 : 0;
    this.#average += (1 - Math.exp(-dtS / AVERAGE_S)) * (now - this.#average);
    if (Math.abs(this.#average) > LOOKS) this.#side = this.#average > 0 ? 1 : -1;
    else if (Math.abs(this.#average) < LOOKS_NO_MORE) this.#side = 0;
  }

  /** -1 to the left, 1 to the right, 0 to no side. */
  get side(): -1 | 0 | 1 {
    return this.#side;
  }
}
