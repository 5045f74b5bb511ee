export interface PtsSmootherOptions {
  /** Share of the deviation that is followed with each frame, in (0, 1]. @defaultValue 0.02 */
  readonly gain?: number;
  /** A frame further off than this many frame periods begins a new count. @defaultValue 1.5 */
  readonly maxDeviation?: number;
}

/** Distances of which the median is the frame period. */
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
  readonly #distancesMs: number[] = [];
  #rawMs: number | undefined;
  #smoothMs = 0;

  constructor({ gain = 0.02, maxDeviation = 1.5 }: PtsSmootherOptions = {}) {
    this.#gain = gain;
    this.#maxDeviation = maxDeviation;
  }

  /** One in, one out; the results rise strictly where `ptsMs` does. */
  smooth(ptsMs: number): number {
    const lastRawMs = this.#rawMs;
    this.#rawMs = ptsMs;
    if (lastRawMs === undefined) {
      this.#smoothMs = ptsMs;
      return ptsMs;
    }
    this.#distancesMs.push(ptsMs - lastRawMs);
    if (this.#distancesMs.length > WINDOW) this.#distancesMs.shift();
    this.#smoothMs = this.#next(ptsMs);
    return this.#smoothMs;
  }

  #next(ptsMs: number): number {
    const periodMs = this.#periodMs();
    const expectedMs = this.#smoothMs + periodMs;
    const deviationMs = ptsMs - expectedMs;
    if (Math.abs(deviationMs) <= this.#maxDeviation * periodMs) return expectedMs + this.#gain * deviationMs;
    // Half a period forward where the source is far behind, so that time never steps back.
    return Math.max(ptsMs, this.#smoothMs + periodMs / 2);
  }

  #periodMs(): number {
    const sorted = this.#distancesMs.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }
}
