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
 * Even time stamps for a camera: each is the one before plus the frame period, and follows what
 * came from the network by a small share.
 *
 * Needed because GStreamer, once it has seen PTS step back at the output of a decoder (B-frames
 * while the clock of the camera is still being learned do that), gives every later picture the
 * oldest PTS it holds, which is off by a frame now and then; and because each correction of lip
 * sync moves PTS at once. The averages stay those of the source, so its clock is followed and
 * the delay does not creep.
 */
export class PtsSmoother {
  readonly #gain: number;
  readonly #maxDeviation: number;
  /** As they came, oldest first. */
  readonly #rawMs: number[] = [];
  #countedFromMs = 0;
  #smoothMs = 0;

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
    this.#smoothMs = this.#next(ptsMs);
    return this.#smoothMs;
  }

  #next(ptsMs: number): number {
    const periodMs = this.#periodMs();
    const expectedMs = this.#smoothMs + periodMs;
    const deviationMs = ptsMs - expectedMs;
    const isLearning = ptsMs - this.#countedFromMs < LEARNING_MS;
    if (Math.abs(deviationMs) <= this.#maxDeviation * periodMs) {
      return expectedMs + (isLearning ? Math.max(LEARNING_GAIN, this.#gain) : this.#gain) * deviationMs;
    }
    if (!isLearning) this.#countedFromMs = ptsMs;
    // Half a period forward where the source is far behind, so that time never steps back.
    return Math.max(ptsMs, this.#smoothMs + periodMs / 2);
  }

  #periodMs(): number {
    const raw = this.#rawMs;
    const span = Math.min(SPAN, raw.length - 1);
    const periodsMs = raw.slice(span).map((ptsMs, index) => (ptsMs - (raw[index] ?? ptsMs)) / span);
    return periodsMs.length === 0 ? 0 : median(periodsMs);
  }
}
