import type { Box, Size } from '../../shared/domain/box.js';

/**
 * The part of the output that tiles fill together: all of it but a margin. Even numbers.
 *
 * @param marginPx - width of the margin, output pixels, even; at most an eighth of the shorter side is taken
 */
export function tileArea({ width, height }: Size, marginPx = 0): Box {
  const margin = Math.min(marginPx, 2 * Math.floor(Math.min(width, height) / 16));
  return { x: margin, y: margin, width: width - 2 * margin, height: height - 2 * margin };
}
