import { ShareByLag } from '../../domain/share-by-lag.js';

/** Detections a second that are made whatever the load, where `maxFps` allows them. */
const LEAST_FPS = 1;
/** What is left of the share after a second with too much delay. */
const DECREASE = 0.6;
/** What is added to it after a second with little: 5 s from half to all. */
const INCREASE = 0.1;
/** Detection gives way first: at half of the median at which pictures are left out, and for late ones among them. */
const LIMITS = [
  { quantile: 0.5, mostMs: 75 },
  { quantile: 0.9, mostMs: 150 },
] as const;

/**
 * How many of the detections are made where there is not enough processor time, by {@link ShareByLag}: fewer before
 * any picture is left out. Time comes in as an argument.
 */
export class DetectionShare {
  readonly #byLag = new ShareByLag({ limits: LIMITS, least: 0, decrease: DECREASE, increase: INCREASE });

  /** A picture took so long, ms, from the decoder to its end; `nowMs` of any steady clock. */
  measured(lagMs: number, nowMs: number): void {
    this.#byLag.measured(lagMs, nowMs);
  }

  /**
   * Detections a second there is time for, of `maxFps`.
   *
   * @param isBehind - whether something that pictures wait for has too much to do already
   */
  fps(maxFps: number, isBehind: boolean): number {
    return isBehind ? Math.min(maxFps, LEAST_FPS) : Math.max(Math.min(maxFps, LEAST_FPS), maxFps * this.#byLag.share);
  }
}
