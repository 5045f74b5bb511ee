import type { Box, Size } from '../../../shared/domain/box.js';

/** Space beside the name, fraction of the plate's height. */
const PADDING_RATIO = 0.55;
/** Luma this far from the background is text. */
const TEXT_CONTRAST = 24;

/**
 * The part of a drawn plate that its name fills, with space on both sides: whole, even numbers of pixels; all of
 * it where there is no text.
 *
 * @param luma - of the plate, row-major; its first pixel is background
 */
export function plateCrop(luma: Uint8Array, { width, height }: Size): Box {
  const background = luma[0]!;
  let first = width;
  let last = -1;
  for (let i = 0; i < width * height; i++) {
    if (Math.abs(luma[i]! - background) < TEXT_CONTRAST) continue;
    const x = i % width;
    first = Math.min(first, x);
    last = Math.max(last, x);
  }
  const padding = height * PADDING_RATIO;
  const left = Math.max(0, 2 * Math.floor((first - padding) / 2));
  const right = Math.min(width, 2 * Math.ceil((last + 1 + padding) / 2));
  return right > left ? { x: left, y: 0, width: right - left, height } : { x: 0, y: 0, width, height };
}
