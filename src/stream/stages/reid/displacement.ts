import type { Box } from '../../../shared/domain/box.js';

/** A box's distance from another one: of the centres, and of the logarithms of the sides. */
interface Offset {
  /** In heights of the box. */
  readonly x: number;
  readonly y: number;
  /** Natural logarithms of ratios. */
  readonly width: number;
  readonly height: number;
}

/** Time constant of what is usual, s. */
const USUAL_S = 1;
/** What is usual at first, and at least, of each axis. */
const FIRST = 0.05;
const LEAST = 0.01;

/** How far the detections of one track lie from what was expected, in position and size, beside what is usual for it. */
export class Displacement {
  #squares = { x: FIRST ** 2, y: FIRST ** 2, width: FIRST ** 2, height: FIRST ** 2 };
  #offset: Offset | undefined;

  /** Of the latest detection; `undefined` for the first one of a track. */
  get offset(): Offset | undefined {
    return this.#offset;
  }

  /**
   * Takes in a detection.
   *
   * @param expected - where the motion model had it, pixels; `undefined` for the first one
   * @param elapsedS - since the detection before, s
   */
  add(detection: Box, expected: Box | undefined, elapsedS: number): void {
    const before = this.#offset;
    if (before) {
      const gain = 1 - Math.exp(-elapsedS / USUAL_S);
      for (const axis of ['x', 'y', 'width', 'height'] as const) {
        this.#squares[axis] += gain * (before[axis] ** 2 - this.#squares[axis]);
      }
    }
    this.#offset = expected && offsetOf(detection, expected);
  }

  /**
   * The largest part of the latest offset as a multiple of what is usual, ≥ 0.
   *
   * @param shared - how far others moved as well, in heights of the box: as the camera did
   */
  surprise(shared: { readonly x: number; readonly y: number }): number {
    const offset = this.#offset;
    if (!offset) return 0;
    const of = (value: number, square: number): number => Math.abs(value) / Math.max(LEAST, Math.sqrt(square));
    return Math.max(
      of(offset.x - shared.x, this.#squares.x),
      of(offset.y - shared.y, this.#squares.y),
      of(offset.width, this.#squares.width),
      of(offset.height, this.#squares.height),
    );
  }
}

function offsetOf(detection: Box, expected: Box): Offset {
  return {
    x: (detection.x + detection.width / 2 - expected.x - expected.width / 2) / expected.height,
    y: (detection.y + detection.height / 2 - expected.y - expected.height / 2) / expected.height,
    width: Math.log(detection.width / expected.width),
    height: Math.log(detection.height / expected.height),
  };
}
