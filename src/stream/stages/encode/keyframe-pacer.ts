/**
 * Decides which pictures are keyframes: one each group, and one for viewers who ask for it, not too close to the one
 * before, because platforms are sent the same pictures. Requests are merged; a keyframe that comes anyway grants them.
 * The encoder makes no keyframes by itself but its first. Time is the PTS of the pictures, so that the distance holds
 * also where fewer pictures are encoded than the output should have.
 */
export class KeyframePacer {
  readonly #maxDistanceMs: number;
  /** As the encoder counts. */
  #keyframes = 0;
  /** Granted, and not counted by the encoder yet. */
  #granted = 0;
  #lastKeyframePtsMs = Number.NEGATIVE_INFINITY;
  /** Of the request that waits; absent where none does. */
  #minDistanceMs: number | undefined;

  /**
   * Begins with a keyframe.
   *
   * @param gopFrames - pictures from one keyframe to the next where nobody asks, at `fps` a second
   */
  constructor(gopFrames: number, fps: number) {
    // Times are rounded: half a picture before the end of the group is its end.
    this.#maxDistanceMs = ((gopFrames - 0.5) * 1000) / fps;
  }

  /** A viewer needs a keyframe. @param minDistanceMs - between keyframes, PTS; what was asked last counts */
  request(minDistanceMs: number): void {
    this.#minDistanceMs = minDistanceMs;
  }

  /**
   * What the encoder has given so far: how many keyframes, and the PTS of its newest picture, ms. There may be some
   * that were not granted here: a target that begins asks the encoder itself.
   */
  observe(keyframes: number, newestPtsMs: number | undefined): void {
    const added = keyframes - this.#keyframes;
    this.#keyframes = keyframes;
    if (added <= this.#granted) {
      this.#granted -= added;
      return;
    }
    this.#granted = 0;
    if (newestPtsMs !== undefined && newestPtsMs > this.#lastKeyframePtsMs) this.#keyframeAt(newestPtsMs);
  }

  /** Another encoder begins, which counts from zero. */
  restart(): void {
    this.#keyframes = 0;
    this.#granted = 0;
  }

  /** Whether the picture that is encoded next has to be a keyframe; asked once for each, in order. */
  isDue(ptsMs: number): boolean {
    const distanceMs = ptsMs - this.#lastKeyframePtsMs;
    if (distanceMs < Math.min(this.#minDistanceMs ?? this.#maxDistanceMs, this.#maxDistanceMs)) return false;
    this.#keyframeAt(ptsMs);
    this.#granted++;
    return true;
  }

  #keyframeAt(ptsMs: number): void {
    this.#lastKeyframePtsMs = ptsMs;
    this.#minDistanceMs = undefined;
  }
}
