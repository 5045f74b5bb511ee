import type { Box, Point, Size } from '../../shared/domain/box.js';
import type { FrameHandle } from '../../shared/domain/frame.js';

/** One rectangle to paint; see `domain/layout.ts` for the meaning. */
export interface ComposeRegion {
  /** Where the pixels come from. */
  readonly frame: FrameHandle;
  /** Part of the source, pixels; fractions count. */
  readonly crop: Box;
  /** Where it goes, pixels of the output. */
  readonly dest: Box;
  /** Opacity, 0 … 1. */
  readonly alpha: number;
}

/** A rectangle of one colour: borders, the background. */
export interface FillRegion {
  /** Y′, Cb, Cr of BT.709, limited range. */
  readonly colour: readonly [y: number, cb: number, cr: number];
  /**
   * Where it is there, only what lies outside of the arcs that round the corners of `dest` is painted. Upper left,
   * upper right, lower left, lower right, whole pixels, 0 … 1024; at most half of the shorter side, down to even.
   */
  readonly radii?: readonly [number, number, number, number];
  /** Where it goes, pixels of the output. */
  readonly dest: Box;
  /** Opacity, 0 … 1. */
  readonly alpha: number;
}

/** Size of a network's input, pixels, and how the picture is put into it. */
export interface LetterboxOptions extends Size {
  /** Part of the source picture to use, pixels; the whole picture when absent. */
  readonly crop?: Box;
  /** Order of the channels in the tensor. */
  readonly channels: 'BGR' | 'RGB';
  /** Tensor value = (pixel − mean) × scale. */
  readonly mean: number;
  /** Applied after `mean` was subtracted. */
  readonly scale: number;
  /** Pixel value of the bars, 0 … 255. */
  readonly pad: number;
  /** NCHW (planar) or NHWC (interleaved). */
  readonly order: 'nchw' | 'nhwc';
  /**
   * Of a warp, what is beyond the edges of the picture: `pad`, or its last pixels, again and again.
   * @defaultValue edge
   */
  readonly outside?: 'pad' | 'edge';
}

/** source = (tensor − offset) / ratio + crop origin; both axes share `ratio`. */
export interface LetterboxMapping {
  /** Pixels of the tensor for one of the source. */
  readonly ratio: number;
  /** Of the picture's upper left corner in the tensor: the widths of the bars. */
  readonly offset: Point;
}
