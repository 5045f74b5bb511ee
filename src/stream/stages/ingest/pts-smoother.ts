import { median } from '../../../shared/percentile.js';

/** How time stamps are smoothed. */
export interface PtsSmootherOptions {
  /**
   * Share of the deviation that is followed with each frame, in (0, 1]. Higher follows the camera's clock sooner,
   * lower lets less jitter through. @defaultValue 0.01
   */
  readonly gain?: number;
  /**
   * A frame further off than this many frame periods begins a new count, > 0. Higher smooths larger jumps, lower
   * takes them over sooner. @defaultValue 1.5
   */
  readonly maxDeviation?: number;
}

/** While the jitter buffer learns the clock of a camera (2 s), its time stamps are followed faster. */
const LEARNING_MS = 2500;
const LEARNING_GAIN = 0.1;

/**
 * The frame period is the median, over a window, of the distances of frames that lie a span apart:
 * over a span, frames that are late or doubled in a regular pattern even out; by the median, a
 * lost frame does not count.
 */
const SPAN = 8;
const WINDOW = 31;

/**
 * A frame is never put further from where it came than this, ms, whatever its period is: sound is
 * not smoothed, and pictures and sound must stay within 40 ms of each other.
 */
const MAX_SHIFT_MS = 36;
/** So many distances in a row that agree with each other and not with the period are a new frame rate. */
const NEW_RATE_FRAMES = 3;
/** What agrees, and what differs, as a share of the period. */
const AGREEING = 0.15;
const DIFFERING = 0.3;
/** Frames that are off in the same direction for longer than this are followed at once, ms. */
const MAX_OFF_MS = 400;
/** Off by more than this share of a period, a frame is not merely uneven. */
const OFF = 0.75;
/** Two frames never have the same time stamp, ms. */
const SMALLEST_STEP_MS = 1;

/**
 * Even time stamps for a camera: each is the one before plus the frame period, and follows what
 * came from the network by a small share.
 *
 * Needed because GStreamer, once it has seen PTS step back at the output of a decoder (B-frames
 * while the clock of the camera is still being learned do that), gives every later picture the
 * oldest PTS it holds, which is off by a frame now and then; and because each correction of lip
 * sync moves PTS at once. The averages stay those of the source, so its clock is followed and
 * the delay does not creep. A new frame rate, a pause and a step of the clock are taken over at once.
 */
export class PtsSmoother {
  readonly #gain: number;
  readonly #maxDeviation: number;
  /** As they came, oldest first, since the last new beginning. */
  #rawMs: number[] = [];
  #countedFromMs = 0;
  #smoothMs = 0;
  /** Since when frames have been off in one direction; its sign. */
  #off: { readonly sinceMs: number; readonly sign: number } | undefined;

  constructor({ gain = 0.01, maxDeviation = 1.5 }: PtsSmootherOptions = {}) {
    this.#gain = gain;
    this.#maxDeviation = maxDeviation;
  }

  /** The smoothed PTS of the next frame, milliseconds; the results rise strictly where `ptsMs` does. */
  smooth(ptsMs: number): number {
    this.#rawMs.push(ptsMs);
    if (this.#rawMs.length > WINDOW + SPAN) this.#rawMs.shift();
    if (this.#rawMs.length === 1) {
      this.#smoothMs = ptsMs;
      this.#countedFromMs = ptsMs;
      return ptsMs;
    }
    if (this.#hasNewRate()) this.#rawMs = this.#rawMs.slice(-NEW_RATE_FRAMES - 1);
    this.#smoothMs = this.#next(ptsMs);
    return this.#smoothMs;
  }

  #next(ptsMs: number): number {
    const periodMs = this.#periodMs();
    const expectedMs = this.#smoothMs + periodMs;
    const deviationMs = ptsMs - expectedMs;
    const isLearning = ptsMs - this.#countedFromMs < LEARNING_MS;
    const isPause = Math.abs(deviationMs) > this.#maxDeviation * periodMs;
    if (!isPause && !this.#isOffForLong(ptsMs, deviationMs, periodMs)) {
      const gain = isLearning ? Math.max(LEARNING_GAIN, this.#gain) : this.#gain;
      return this.#near(ptsMs, expectedMs + gain * deviationMs);
    }
    if (isPause) this.#rawMs = this.#rawMs.slice(-2);
    if (!isLearning) this.#countedFromMs = ptsMs;
    this.#off = undefined;
    return Math.max(ptsMs, this.#smoothMs + SMALLEST_STEP_MS);
  }

  /** Not too far from where the frame came, and after the one before. */
  #near(ptsMs: number, smoothMs: number): number {
    const near = Math.min(Math.max(smoothMs, ptsMs - MAX_SHIFT_MS), ptsMs + MAX_SHIFT_MS);
    return Math.max(near, this.#smoothMs + SMALLEST_STEP_MS);
  }

  #hasNewRate(): boolean {
    const raw = this.#rawMs;
    if (raw.length < NEW_RATE_FRAMES + 2) return false;
    const steps = raw.slice(-NEW_RATE_FRAMES).map((ptsMs, index) => ptsMs - (raw.at(index - NEW_RATE_FRAMES - 1) ?? 0));
    const step = median(steps);
    const periodMs = this.#periodMs();
    return (
      Math.abs(step - periodMs) > DIFFERING * periodMs && steps.every((each) => Math.abs(each - step) < AGREEING * step)
    );
  }

  /** A frame that was lost, or a correction of the clock, leaves all that follow off by the same. */
  #isOffForLong(ptsMs: number, deviationMs: number, periodMs: number): boolean {
    const sign = Math.abs(deviationMs) > OFF * periodMs ? Math.sign(deviationMs) : 0;
    if (sign === 0) this.#off = undefined;
    else if (this.#off?.sign !== sign) this.#off = { sinceMs: ptsMs, sign };
    return this.#off !== undefined && ptsMs - this.#off.sinceMs > MAX_OFF_MS;
  }

  #periodMs(): number {
    const raw = this.#rawMs;
    const span = Math.min(SPAN, raw.length - 1);
    const periodsMs = raw.slice(span).map((ptsMs, index) => (ptsMs - (raw[index] ?? ptsMs)) / span);
    return periodsMs.length === 0 ? 0 : median(periodsMs);
  }
}
