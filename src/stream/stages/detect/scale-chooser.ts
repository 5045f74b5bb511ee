import type { Box, Size } from '../../../shared/domain/box.js';

/** Of each so manieth detection both scales are used, so that people are found who are nearer or farther than those known. */
const BOTH_TURNS = 8;
/** A body of at least this share of the picture's height is found best at the small scale. */
const NEAR_HEIGHT = 0.55;

/**
 * Chooses the size of a network's input by the people who are known: large people are found at a small input, and
 * sooner; small ones need a large one. Where nobody is known, and now and then, it asks for both.
 */
export class ScaleChooser {
  readonly #longSides: readonly [near: number, far: number];
  #turn = 0;

  /** Begins with both; the long sides of the input for people who are near and who are far, pixels. */
  constructor(longSides: readonly [near: number, far: number]) {
    this.#longSides = longSides;
  }

  /**
   * Long sides of the inputs for the next frame, one or two, pixels.
   *
   * @param people - expected boxes, pixels of the picture
   */
  next(picture: Size, people: readonly Box[]): readonly number[] {
    const turn = this.#turn++;
    const [near, far] = this.#longSides;
    const heights = people.map(({ height }) => height / picture.height);
    const hasNear = heights.some((height) => height >= NEAR_HEIGHT);
    const hasFar = heights.some((height) => height < NEAR_HEIGHT);
    if (hasNear === hasFar || turn % BOTH_TURNS === 0) return [near, far];
    return [hasNear ? near : far];
  }
}
