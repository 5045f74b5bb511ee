/**
 * Decides when viewers who need a keyframe get one, so that platforms, which are sent the same pictures, do not see
 * keyframes too close together. Requests are merged; one is granted as soon as the last keyframe, forced or not, is
 * far enough back, and a keyframe that comes by itself grants it as well. Time is the PTS of the pictures.
 */
export class KeyframePacer {
  /** As the encoder counts. */
  #keyframes = 0;
  #lastKeyframePtsMs = Number.NEGATIVE_INFINITY;
  #newestPtsMs: number | undefined;
  /** Of the request that waits; absent where none does. */
  #minDistanceMs: number | undefined;

  /** A viewer needs a keyframe. @param minDistanceMs - between keyframes, PTS; what was asked last counts */
  request(minDistanceMs: number): void {
    this.#minDistanceMs = minDistanceMs;
  }

  /** What the encoder has given so far: how many keyframes, and the PTS of its newest picture, ms. */
  observe(keyframes: number, newestPtsMs: number | undefined): void {
    this.#newestPtsMs = newestPtsMs;
    if (keyframes === this.#keyframes || newestPtsMs === undefined) return;
    this.#keyframes = keyframes;
    if (newestPtsMs <= this.#lastKeyframePtsMs) return;
    this.#lastKeyframePtsMs = newestPtsMs;
    this.#minDistanceMs = undefined;
  }

  /**
   * Whether the picture that is encoded next has to be a keyframe; asked once for each that is pushed. What counts is
   * how far the encoder has come: it may have pictures before it that were pushed earlier.
   */
  isDue(): boolean {
    const newestPtsMs = this.#newestPtsMs;
    if (this.#minDistanceMs === undefined || newestPtsMs === undefined) return false;
    if (newestPtsMs - this.#lastKeyframePtsMs < this.#minDistanceMs) return false;
    this.#minDistanceMs = undefined;
    this.#lastKeyframePtsMs = newestPtsMs;
    return true;
  }
}
