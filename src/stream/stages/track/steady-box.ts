import type { Box } from '../../../shared/domain/box.js';

/** Averages are over so many detections, once there are so many: higher is steadier, lower follows changes sooner. */
const AVERAGED = 15;

const PARTS = 4;
/** Detections in a row that two second differences take. */
const TWO_SECOND_DIFFERENCES = 4;

/**
 * Where a person is, by a detection and by where the motion model expected it, weighed by what both are worth for this
 * person: detections of some detectors are exact, of others they tremble.
 *
 * Of the centre and the size each, in heights of the box, two things are measured while the person is followed: how
 * far detections are from where they are expected (S, mean square), and how much of that is noise (R). R follows from
 * how the second differences of detections go together from one to the next: noise makes them go opposite ways (their
 * covariance is -4 R), movement does not. Then 1 - R / S is the gain with the least error, as of a Kalman filter whose
 * covariances are measured (R. K. Mehra, On the identification of variances and adaptive Kalman filtering, IEEE
 * Transactions on Automatic Control 15 (2), 1970). Before there are four detections in a row, the detection counts.
 */
export class SteadyBox {
  readonly #before = new Float64Array(PARTS);
  readonly #difference = new Float64Array(PARTS);
  readonly #secondDifference = new Float64Array(PARTS);
  readonly #covariance = new Float64Array(PARTS);
  readonly #surprise = new Float64Array(PARTS);
  /** Detections in a row, without a gap. */
  #inRow = 0;
  #covariances = 0;
  #surprises = 0;

  /**
   * Takes in a detection. @returns where the person is
   *
   * @param expected - the box of the motion model before it; `undefined` for a track that has just begun
   * @param isNext - whether the set before this one had a detection of the person too
   */
  update(detected: Box, expected: Box | undefined, isNext: boolean): Box {
    if (!isNext) this.#inRow = 0;
    this.#inRow += 1;
    if (this.#inRow >= TWO_SECOND_DIFFERENCES) this.#covariances += 1;
    if (expected) this.#surprises += 1;
    const { x, y, width, height } = detected;
    const then = expected ?? detected;
    const isExpected = expected !== undefined;
    const steady = {
      x: this.#steady(0, x + width / 2, then.x + then.width / 2, height, isExpected),
      y: this.#steady(1, y + height / 2, then.y + then.height / 2, height, isExpected),
      width: this.#steady(2, width, then.width, height, isExpected),
      height: this.#steady(3, height, then.height, height, isExpected),
    };
    steady.x -= steady.width / 2;
    steady.y -= steady.height / 2;
    return steady;
  }

  /** Takes in one of the four numbers. @returns what it is taken to be */
  #steady(part: number, value: number, then: number, heightPx: number, isExpected: boolean): number {
    this.#measureNoise(part, value, heightPx);
    if (!isExpected) return value;
    const surprise = (value - then) / heightPx;
    this.#surprise[part]! += (surprise ** 2 - this.#surprise[part]!) / Math.min(this.#surprises, AVERAGED);
    return then + this.#gain(part) * (value - then);
  }

  #measureNoise(part: number, value: number, heightPx: number): void {
    const difference = value - this.#before[part]!;
    const second = (difference - this.#difference[part]!) / heightPx;
    if (this.#inRow >= TWO_SECOND_DIFFERENCES) {
      const product = second * this.#secondDifference[part]!;
      this.#covariance[part]! += (product - this.#covariance[part]!) / Math.min(this.#covariances, AVERAGED);
    }
    this.#before[part] = value;
    this.#difference[part] = difference;
    this.#secondDifference[part] = second;
  }

  /** What a detection counts against what was expected, in [0, 1]. */
  #gain(part: number): number {
    const noise = Math.max(0, -this.#covariance[part]! / 4);
    return noise === 0 ? 1 : 1 - Math.min(1, noise / this.#surprise[part]!);
  }
}
