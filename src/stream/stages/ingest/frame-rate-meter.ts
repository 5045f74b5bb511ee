import { median } from '../../../shared/percentile.js';

/**
 * How far a measured rate may be from the whole one it is taken for, as a ratio. While the clock
 * of a camera is learned, time stamps drift by more than the 0.1 % between 30 and 29.97.
 */
const TOLERANCE = 0.02;

/**
 * Frame rate from time stamps: the median interval of the latest full window, so that a lost frame or
 * a pause does not count, and the figure is stable.
 */
export class FrameRateMeter {
  readonly #window: number;
  #distancesMs: number[] = [];
  #lastPtsMs: number | undefined;
  #fps: number | undefined;

  /**
   * Measures nothing yet.
   *
   * @param window - intervals in a window; the first figure comes after half of one
   */
  constructor(window = 60) {
    this.#window = window;
  }

  /** Takes in the PTS of the next frame, milliseconds. */
  add(ptsMs: number): void {
    if (this.#lastPtsMs !== undefined && ptsMs > this.#lastPtsMs) this.#distancesMs.push(ptsMs - this.#lastPtsMs);
    this.#lastPtsMs = ptsMs;
    const wanted = this.#fps === undefined ? this.#window / 2 : this.#window;
    if (this.#distancesMs.length < wanted) return;
    this.#fps = standardRate(1000 / median(this.#distancesMs));
    this.#distancesMs = [];
  }

  /** Frames a second; `undefined` until half a window is there. */
  get fps(): number | undefined {
    return this.#fps;
  }
}

function standardRate(fps: number): number {
  const whole = Math.max(1, Math.round(fps));
  return Math.abs(fps / whole - 1) < TOLERANCE ? whole : Math.round(fps * 100) / 100;
}
