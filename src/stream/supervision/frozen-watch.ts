/** When a picture counts as frozen. */
export interface FrozenWatchOptions {
  /** The same picture for longer than this, s; 0: never. */
  readonly afterS: number;
}

/** Judged this often, ms of PTS. */
const INTERVAL_MS = 1000;
/** Two pictures that follow each other are compared this often, ms of PTS. */
const PAIR_MS = 200;
/**
 * Brightness that differs by at most this, of 255, is the same: a picture that is encoded again with the next keyframe
 * comes out a little different.
 */
const TOLERANCE = 2;
/**
 * The share of points that may differ by more from the first sample. Measured at 720p over 30 s: a frozen picture
 * 0.003 to 0.2 % at 1.5 Mbit/s (x264 veryfast and medium), none in Motion JPEG; more at less than that (to 6 % at
 * 200 kbit/s), where it cannot be told from a quiet scene.
 */
const MAX_CHANGED = 0.002;
/**
 * The share of points that may differ at all from one picture to the next, the least of each second. An encoder copies
 * what has not changed: measured as above, at most 0.3 % for a frozen picture that the other rule takes for one, and
 * 2.8 to 57 % for a dark room with the noise of a sensor (sigma 0.5 to 2) at 300 and 1500 kbit/s, which that rule alone
 * took for frozen at 300 kbit/s.
 */
const MAX_FLICKER = 0.01;

/**
 * Notices a camera that sends the same picture for ever. A scene in which nothing moves is not frozen: its noise, its
 * light or its clock differ. Each sample is compared with the first of those that were the same, so that what changes
 * slowly counts as well; and pictures that follow each other are compared, because encoders smooth the noise of a dark
 * room so far that samples hardly differ. Noise of which an encoder leaves nothing at all looks frozen.
 */
export class FrozenWatch {
  readonly #afterMs: number;
  #first: Uint8Array | undefined;
  #firstMs = 0;
  /** Of the last sample that was judged. */
  #lastMs = Number.NEGATIVE_INFINITY;
  /** The first picture of a pair, until the second comes. */
  #pair: Uint8Array | undefined;
  #pairMs = Number.NEGATIVE_INFINITY;
  /** Since the last sample. */
  #flicker = Number.POSITIVE_INFINITY;

  constructor({ afterS }: FrozenWatchOptions) {
    this.#afterMs = afterS > 0 ? afterS * 1000 : Number.POSITIVE_INFINITY;
  }

  /** Whether the frame with this PTS, ms, is due for {@link add}; time that steps back is a new beginning. */
  isDue(ptsMs: number): boolean {
    if (this.#afterMs === Number.POSITIVE_INFINITY) return false;
    return this.#pair !== undefined || Math.abs(ptsMs - this.#pairMs) >= PAIR_MS;
  }

  /**
   * Takes in a sample.
   *
   * @param luma - brightness of points of the picture, always the same points
   */
  add(ptsMs: number, luma: Uint8Array): void {
    if (ptsMs <= this.#pairMs) this.reset();
    if (this.#pair === undefined) {
      this.#pair = luma;
      this.#pairMs = ptsMs;
      return;
    }
    this.#flicker = Math.min(this.#flicker, changedShare(this.#pair, luma, 0));
    this.#pair = undefined;
    if (this.#first !== undefined && ptsMs - this.#lastMs < INTERVAL_MS) return;
    this.#judge(ptsMs, luma);
  }

  /** The source was opened again. */
  reset(): void {
    this.#first = undefined;
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#pair = undefined;
    this.#pairMs = Number.NEGATIVE_INFINITY;
    this.#flicker = Number.POSITIVE_INFINITY;
  }

  /** PTS since which the picture has been the same, ms; absent while it is not frozen. */
  get sinceMs(): number | undefined {
    const isFrozen = this.#first !== undefined && this.#lastMs - this.#firstMs >= this.#afterMs;
    return isFrozen ? this.#firstMs : undefined;
  }

  #judge(ptsMs: number, luma: Uint8Array): void {
    const isSame =
      this.#first !== undefined &&
      this.#flicker <= MAX_FLICKER &&
      changedShare(this.#first, luma, TOLERANCE) <= MAX_CHANGED;
    this.#lastMs = ptsMs;
    this.#flicker = Number.POSITIVE_INFINITY;
    if (isSame) return;
    this.#first = luma;
    this.#firstMs = ptsMs;
  }
}

/** Of the points that differ by more than `tolerance`; 1 for pictures of different sizes. */
function changedShare(a: Uint8Array, b: Uint8Array, tolerance: number): number {
  if (a.length !== b.length || a.length === 0) return 1;
  let changed = 0;
  for (let i = 0; i < a.length; i += 1) {
    if (Math.abs((a[i] ?? 0) - (b[i] ?? 0)) > tolerance) changed += 1;
  }
  return changed / a.length;
}
