import type { Box, Size } from '../../../shared/domain/box.js';
import type { ExpectedPerson, SweptPicture } from './region-scheduler.js';
import { SweepMemory } from './sweep-memory.js';

/** How a network that sees all of the picture is shown known faces. */
export interface FullSizeTurnsOptions {
  /** Long side of the smaller input, pixels. */
  readonly smallLongSide: number;
}

/** Height of a face in the small input, pixels, from which it is found there as surely. */
const MIN_FACE_HEIGHT = 32;
/** Where nothing changes, the picture is looked at in full after so long, ms of PTS. */
const STILL_FULL_MS = 400;

/**
 * Decides which pictures are looked at in full by a network that takes any size: all, but those in which everybody
 * known is sure and large enough for a smaller input, and nothing else has changed since the picture was looked at in
 * full; of those one now and then.
 */
export class FullSizeTurns {
  readonly #smallLongSide: number;
  readonly #memory = new SweepMemory();
  #whole: Box = { x: 0, y: 0, width: 0, height: 0 };
  #fullMs = Number.NEGATIVE_INFINITY;

  /** Begins with a picture in full. */
  constructor({ smallLongSide }: FullSizeTurnsOptions) {
    this.#smallLongSide = smallLongSide;
  }

  /**
   * Whether the next picture is looked at in full.
   *
   * @param people - expected boxes, pixels
   * @param small - the picture, small; absent where it is not known, then it has changed
   */
  next({ width, height }: Size, people: readonly ExpectedPerson[], small?: SweptPicture): boolean {
    if (small === undefined) return true;
    if (width !== this.#whole.width || height !== this.#whole.height) this.#whole = { x: 0, y: 0, width, height };
    this.#memory.look(small, people);
    const scale = this.#smallLongSide / Math.max(width, height);
    const isEasy = people.length > 0 && people.every((box) => box.isSure && box.height * scale >= MIN_FACE_HEIGHT);
    const isStill = !this.#memory.hasChanged(this.#whole) && Math.abs(small.ptsMs - this.#fullMs) < STILL_FULL_MS;
    if (isEasy && isStill) return false;
    this.#memory.search(this.#whole);
    this.#fullMs = small.ptsMs;
    return true;
  }
}
