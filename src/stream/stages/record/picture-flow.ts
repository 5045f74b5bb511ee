/** Pictures on their way into files, since the beginning. */
export interface PictureCounts {
  /** Taken in. */
  readonly pushed: number;
  /** Left out, because too many waited. */
  readonly dropped: number;
}

/** Looks without a new picture, one a second, after which none is expected any more: keyframes are at most 10 s apart. */
const MOST_EMPTY_LOOKS = 15;

/**
 * Sees whether pictures reach the files of a recording. Where they do not, sound alone would be written for as long as
 * the stream runs: a new attempt asks for a keyframe, and begins with it. Looks are counted rather than time, because a
 * process that has stood still has looked as seldom as it has made pictures.
 */
export class PictureFlow {
  #pushed = -1;
  #emptyLooks = 0;

  /** Looks once, a second after the last time. Returns what is wrong; `undefined` where nothing is. */
  look({ pushed, dropped }: PictureCounts): string | undefined {
    this.#emptyLooks = pushed === this.#pushed ? this.#emptyLooks + 1 : 0;
    this.#pushed = pushed;
    if (dropped > 0) return 'pictures waited for too long, and were left out';
    if (this.#emptyLooks >= MOST_EMPTY_LOOKS) return `no picture came for ${MOST_EMPTY_LOOKS} s`;
    return undefined;
  }
}
