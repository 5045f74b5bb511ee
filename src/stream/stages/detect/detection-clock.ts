/** Frames come a little early or late: this part of the interval is forgiven. */
const TOLERANCE = 0.05;

/**
 * Says which frames are due for detection, by PTS alone: at most `maxFps` a second on the long
 * run, evenly spread. A source of 30 frames a second at `maxFps` 15 has every second frame due,
 * although its PTS are rounded.
 */
export class DetectionClock {
  readonly #intervalMs: number;
  #dueMs = Number.NEGATIVE_INFINITY;

  /** @param maxFps - > 0. */
  constructor(maxFps: number) {
    if (!(maxFps > 0)) throw new RangeError(`maxFps: expected more than 0, got ${maxFps}`);
    this.#intervalMs = 1000 / maxFps;
  }

  /** Whether the frame is due; the next one then is an interval later. */
  take(ptsMs: number): boolean {
    const earlyMs = this.#dueMs - ptsMs;
    if (earlyMs > this.#intervalMs * TOLERANCE) return false;
    // Keep the grid while frames keep up with it, so that rounding does not add up.
    const isOnGrid = earlyMs > -this.#intervalMs;
    this.#dueMs = (isOnGrid ? this.#dueMs : ptsMs) + this.#intervalMs;
    return true;
  }
}
