/** Frames come a little early or late: this share of the interval is tolerated. */
const TOLERANCE = 0.05;

/**
 * Decides which frames are due for detection, by PTS alone: at most `maxFps` a second in the long run, evenly
 * spread. Of a source of 30 frames a second at `maxFps` 15 every second frame is due, although its PTS are
 * rounded.
 */
export class DetectionClock {
  #intervalMs = 0;
  #dueMs = Number.NEGATIVE_INFINITY;

  /**
   * The first frame is due.
   *
   * @param maxFps - frames a second, > 0
   * @throws {@link RangeError} for any other number
   */
  constructor(maxFps: number) {
    this.maxFps = maxFps;
  }

  /** As given to the constructor; may change on the way. */
  set maxFps(maxFps: number) {
    if (!(maxFps > 0)) throw new RangeError(`maxFps: expected more than 0, got ${maxFps}`);
    const intervalMs = 1000 / maxFps;
    this.#dueMs += intervalMs - this.#intervalMs;
    this.#intervalMs = intervalMs;
  }

  /** Whether the frame with this PTS (milliseconds) is due; if so, the next one is due an interval later. */
  take(ptsMs: number): boolean {
    const earlyMs = this.#dueMs - ptsMs;
    if (earlyMs > this.#intervalMs * TOLERANCE) return false;
    // The grid stays while frames keep up with it, so that rounding does not add up.
    const isOnGrid = earlyMs > -this.#intervalMs;
    this.#dueMs = (isOnGrid ? this.#dueMs : ptsMs) + this.#intervalMs;
    return true;
  }
}
