import { ShareByLag } from '../../domain/share-by-lag.js';

/** When fewer pictures are painted, and how many. */
export interface PictureRateOptions {
  /** Of the output, frames a second: the most that is painted. */
  readonly fps: number;
  /**
   * Delay behind the decoder, ms, at the median of a second, above which fewer pictures are painted. Higher keeps more
   * pictures and lets delay grow, lower the other way round. @defaultValue 150
   */
  readonly mostLagMs?: number;
}

/** When the next picture of the output would be painted. */
export interface PaintMoment {
  /** It shows a picture of the source for the first time. */
  readonly isNew: boolean;
  /** How long what it would wait for has waited already, ms: the oldest of decoder, painter and encoder. @defaultValue 0 */
  readonly waitedMs?: number;
  /** Of the clock of {@link PictureRate.measured}. */
  readonly nowMs: number;
}

/**
 * What is left of the rate after a second with too much delay, and what is added to it after one with little: 10 s from
 * half to all. Small steps keep streams that share a machine even; the delay itself is bounded by `MOST_WAIT_MS`.
 */
const STEPS = { decrease: 0.9, increase: 0.05 };
/** Below this share of the pictures it is told. */
const TOLD = 0.75;
/** At least this many pictures a second are painted, whatever the load. */
const LEAST_FPS = 5;
/** After so long without a picture of the source, s, pictures that show the same one again are painted too. */
const QUIET_AFTER_S = 0.5;
/**
 * Where something on the way has waited for longer than this, ms, the picture is left out: it would come later still,
 * and the next one is fresher. Three pictures at 30 a second: a large keyframe or a busy moment may last as long without
 * a gap. Higher leaves out fewer, and bounds the delay less; at 60 half of the pictures were left out on a busy machine,
 * and those that came were hardly fresher.
 */
const MOST_WAIT_MS = 100;
/** Of the pictures of a second, so many may be left out or be so late, ms, before the rate is lowered. */
const LATE = { quantile: 0.8, mostMs: 300 };

/**
 * How many pictures are painted and encoded where there is not enough processor time, by {@link ShareByLag}. Those that
 * are left out are spread evenly; first of all they are those that show a picture of the source again. None is painted
 * while an earlier one has waited for too long, so that what goes out is fresh whatever the load.
 * Time comes in as an argument.
 */
export class PictureRate {
  readonly #fps: number;
  readonly #byLag: ShareByLag;
  #isReduced = false;
  #toldReduced = false;
  /** Pictures that may be painted; at least 1 for the next one. */
  #credit = 0;
  /** Of the output, since the last one that shows a picture of the source for the first time. */
  #repeats = 0;
  /** Of the output, since the last one that was painted. */
  #leftOut = 0;

  /** Begins with all pictures. */
  constructor({ fps, mostLagMs = 150 }: PictureRateOptions) {
    this.#fps = fps;
    this.#byLag = new ShareByLag({
      ...{ least: LEAST_FPS / fps, ...STEPS },
      // Not by the latest ones: where far too much is asked for, they are late at any rate of pictures.
      limits: [{ quantile: 0.5, mostMs: mostLagMs }, LATE],
    });
  }

  /** Pictures a second that are painted now, at most. */
  get fps(): number {
    return this.#byLag.share * this.#fps;
  }

  /** Whether so many pictures are left out that it should be told: from a quarter on until there are all again. */
  get isReduced(): boolean {
    return this.#isReduced;
  }

  /** {@link PictureRate.isReduced} where it is another than at the last call; `undefined` where it is not. */
  takeChange(): boolean | undefined {
    if (this.#isReduced === this.#toldReduced) return undefined;
    this.#toldReduced = this.#isReduced;
    return this.#isReduced;
  }

  /** A picture took so long, ms, from the decoder to its end; `nowMs` of any steady clock. */
  measured(lagMs: number, nowMs: number): void {
    this.#byLag.measured(lagMs, nowMs);
    const { share } = this.#byLag;
    if (share <= TOLD) this.#isReduced = true;
    if (share === 1) this.#isReduced = false;
  }

  /** Whether the next picture of the output is painted; to be called once for each. */
  take({ isNew, waitedMs = 0, nowMs }: PaintMoment): boolean {
    const { share } = this.#byLag;
    const isLate = waitedMs > MOST_WAIT_MS;
    this.#credit = Math.min(1.5, this.#credit + share);
    this.#repeats = isNew ? 0 : this.#repeats + 1;
    this.#leftOut += 1;
    const isSpared = (share < 1 || isLate) && this.#repeats > 0 && this.#repeats <= QUIET_AFTER_S * this.#fps;
    if (isSpared || this.#credit < 1) return false;
    if (isLate && this.#leftOut < this.#fps / LEAST_FPS) {
      if (isNew) this.measured(Number.POSITIVE_INFINITY, nowMs);
      return false;
    }
    this.#credit -= 1;
    this.#leftOut = 0;
    return true;
  }
}
