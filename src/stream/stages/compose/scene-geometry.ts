import type { Box, Size } from '../../../shared/domain/box.js';

/** A scene whose aspect is nearer to the output's than this share of the picture is cut to fill it. */
const MAX_CUT_RATIO = 0.12;

/** The nearest even number: pixels at which a chroma-subsampled picture can be cut. */
export const roundToEven = (value: number): number => 2 * Math.round(value / 2);

/** The largest centred part of `picture` with the aspect of `shape`, pixels. */
export function coverCrop(shape: Size, picture: Size): Box {
  const height = Math.min(picture.height, (picture.width * shape.height) / shape.width);
  const width = (height * shape.width) / shape.height;
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}

/** Share of the output's width and height that the whole scene fills, in (0, 1]; the rest is black bars. */
export function sceneShare(output: Size, picture: Size): Size {
  const ratio = picture.width / picture.height / (output.width / output.height);
  if (Math.min(ratio, 1 / ratio) >= 1 - MAX_CUT_RATIO) return { width: 1, height: 1 };
  return ratio > 1 ? { width: 1, height: 1 / ratio } : { width: ratio, height: 1 };
}

/** `box` shrunk around its centre towards this share of its size: `amount` 0 is not at all, 1 fully; even numbers. */
export function shrinkTo(box: Box, share: Size, amount: number): Box {
  const width = roundToEven(box.width * (1 - amount * (1 - share.width)));
  const height = roundToEven(box.height * (1 - amount * (1 - share.height)));
  return {
    x: box.x + roundToEven((box.width - width) / 2),
    y: box.y + roundToEven((box.height - height) / 2),
    width,
    height,
  };
}

/**
 * A crop between two crops of the same aspect, `amount` 0 … 1: the size changes by equal ratios in equal steps,
 * as with a zoom lens, and the edges move on straight lines, so crops between two crops inside the picture are
 * inside it.
 */
export function zoomBetween(from: Box, to: Box, amount: number): Box {
  const height = from.height * (to.height / from.height) ** amount;
  const way = to.height - from.height;
  const part = Math.abs(way) < 1e-6 * from.height ? amount : (height - from.height) / way;
  return {
    x: from.x + part * (to.x - from.x),
    y: from.y + part * (to.y - from.y),
    width: from.width + part * (to.width - from.width),
    height: from.height + part * (to.height - from.height),
  };
}
