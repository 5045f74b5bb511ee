/** When a picture counts as frozen. */
export interface FrozenWatchOptions {
  /** The same picture for longer than this, s; 0: never. */
  readonly afterS: number;
}

/** Sampled this often, ms of PTS. */
const INTERVAL_MS = 1000;
/**
 * Brightness that differs by at most this, of 255, is the same: a picture that is encoded again with the next keyframe
 * comes out a little different.
 */
const TOLERANCE = 2;
/**
 * The share of points that may differ by more. Measured at 720p with x264: a frozen picture 0.003 % at 1.5 Mbit/s,
 * one with the weakest noise of a sensor (± 0.5) 0.4 %, a clock that is drawn into the picture far more.
 */
const MAX_CHANGED = 0.002;

/**
 * Notices a camera that sends the same picture for ever. A scene in which nothing moves is not frozen: its noise, its
 * light or its clock differ. Each sample is compared with the first of those that were the same, so that what changes
 * slowly counts as well.
 */
export class FrozenWatch {
  readonly #afterMs: number;
  #first: Uint8Array | undefined;
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor({ afterS }: FrozenWatchOptions) {
    this.#afterMs = afterS > 0 ? afterS * 1000 : Number.POSITIVE_INFINITY;
  }

  /** Whether the frame with this PTS, ms, is due for {@link add}; time that steps back is a new beginning. */
  isDue(ptsMs: number): boolean {
    return this.#afterMs !== Number.POSITIVE_INFINITY && Math.abs(ptsMs - this.#lastMs) >= INTERVAL_MS;
  }

  /**
   * Takes in a sample.
   *
   * @param luma - brightness of points of the picture, always the same points
   */
  add(ptsMs: number, luma: Uint8Array): void {
    const isSame = ptsMs > this.#lastMs && this.#first !== undefined && isSamePicture(this.#first, luma);
    this.#lastMs = ptsMs;
    if (isSame) return;
    this.#first = luma;
    this.#firstMs = ptsMs;
  }

  /** The source was opened again. */
  reset(): void {
    this.#first = undefined;
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }

  /** PTS since which the picture has been the same, ms; absent while it is not frozen. */
  get sinceMs(): number | undefined {
    const isFrozen = this.#first !== undefined && this.#lastMs - this.#firstMs >= this.#afterMs;
    return isFrozen ? this.#firstMs : undefined;
  }
}

function isSamePicture(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const limit = a.length * MAX_CHANGED;
  let changed = 0;
  for (let i = 0; i < a.length; i += 1) {
    if (Math.abs((a[i] ?? 0) - (b[i] ?? 0)) > TOLERANCE) {
      changed += 1;
      if (changed > limit) return false;
    }
  }
  return true;
}
