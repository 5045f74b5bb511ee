import type { Box, Point, Size } from '../../shared/domain/box.js';
import type { FrameHandle } from '../../shared/domain/frame.js';

/** One rectangle to paint; see `domain/layout.ts` for the meaning. */
export interface ComposeRegion {
  readonly frame: FrameHandle;
  readonly crop: Box;
  readonly dest: Box;
  readonly alpha: number;
}

/** A rectangle of one colour: borders. */
export interface FillRegion {
  /** Y′, Cb, Cr of BT.709, limited range. */
  readonly colour: readonly [y: number, cb: number, cr: number];
  readonly dest: Box;
  readonly alpha: number;
}

export interface LetterboxOptions extends Size {
  /** Part of the source picture to use, pixels; the whole picture when absent. */
  readonly crop?: Box;
  readonly channels: 'BGR' | 'RGB';
  /** Tensor value = (pixel − mean) × scale. */
  readonly mean: number;
  readonly scale: number;
  /** Pixel value of the bars, 0 … 255. */
  readonly pad: number;
  /** NCHW (planar) or NHWC (interleaved). */
  readonly order: 'nchw' | 'nhwc';
}

/** source = (tensor − offset) / ratio + crop origin; both axes share `ratio`. */
export interface LetterboxMapping {
  readonly ratio: number;
  readonly offset: Point;
}
