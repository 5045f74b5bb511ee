/** Pictures are dropped and none is shown for so long: what the decoder needs to begin with is more than may wait, ms. */
const FRUITLESS_MS = 4000;
/** How much more of it may wait then, and at most. */
const STEP = 3;
const MOST = 9;

/** What is seen of a decoder from time to time. */
export interface DecodeProgress {
  /** Of any clock that does not go back. */
  readonly nowMs: number;
  /** Decoded pictures so far. */
  readonly shown: number;
  /** Compressed pictures that were dropped so far, because the decoder could not follow. */
  readonly dropped: number;
}

/**
 * How long pictures may wait for a decoder that cannot follow. Without keyframes a picture is whole only after all of a
 * refresh, of a second or so, has been decoded; a decoder that takes longer would be made to begin anew by each next
 * refresh, and never show anything.
 */
export class DecodePatience {
  /** How many times as long as usual, 1 to 9. */
  factor = 1;
  /** When something was shown last, or nothing was dropped since. */
  #last: DecodeProgress | undefined;

  /** Whether the decoder is to begin anew with more patience, which `factor` has by then. */
  isRaisedBy(progress: DecodeProgress): boolean {
    const { nowMs, shown, dropped } = progress;
    if (!this.#last || shown !== this.#last.shown || dropped === this.#last.dropped) this.#last = progress;
    if (nowMs - this.#last.nowMs < FRUITLESS_MS || this.factor >= MOST) return false;
    this.factor *= STEP;
    this.#last = undefined;
    return true;
  }
}
