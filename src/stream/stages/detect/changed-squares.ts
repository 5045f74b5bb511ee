import type { Box } from '../../../shared/domain/box.js';
import type { LumaSketch } from '../../../shared/domain/detection.js';

/** A picture, small. */
export interface SmallPicture {
  /** One brightness for each square of the picture. */
  readonly sketch: LumaSketch;
  /** Side of such a square, pixels of the picture. */
  readonly step: number;
}

/** Brightness that differs by more than this (of 255) has changed: noise and compression change it by less. */
const CHANGED_LUMA = 24;
/** Body and arms of somebody are within so many widths of the face's box from its middle, and below its top. */
const BODY_WIDTHS = 1.75;

/** Squares that have to change for a newcomer: fewer than a face of 60 pixels at 1920×1080 that comes or turns. */
export const NEWCOMER_SQUARES = 6;

/** What is left out of a comparison, for each square: 1 where people are. */
export type PeopleMask = Uint8Array<ArrayBuffer>;

/**
 * How many squares of a region have changed between two pictures of one size.
 *
 * @param mask - squares that do not count
 * @param most - counting may end here
 */
export function changedSquares(
  { sketch: { luma, columns }, step }: SmallPicture,
  before: LumaSketch,
  region: Box,
  { mask, most = Number.POSITIVE_INFINITY }: { readonly mask?: PeopleMask; readonly most?: number } = {},
): number {
  const [left, right] = span(region.x, region.x + region.width, { step, count: columns });
  const [top, bottom] = span(region.y, region.y + region.height, { step, count: luma.length / columns });
  let changed = 0;
  for (let row = top; row < bottom && changed < most; row += 1) {
    for (let at = row * columns + left; at < row * columns + right; at += 1) {
      if (mask?.[at] !== 1 && Math.abs(luma[at]! - before.luma[at]!) > CHANGED_LUMA) changed += 1;
    }
  }
  return changed;
}

/** Marks where people are, by the boxes of their faces: they move all the time. */
export function peopleMask({ sketch: { luma, columns }, step }: SmallPicture, faces: readonly Box[]): PeopleMask {
  const mask = new Uint8Array(luma.length);
  for (const { x, y, width } of faces) {
    const middle = x + width / 2;
    const [left, right] = span(middle - BODY_WIDTHS * width, middle + BODY_WIDTHS * width, { step, count: columns });
    const [top, bottom] = span(y - width / 2, Number.POSITIVE_INFINITY, { step, count: luma.length / columns });
    for (let row = top; row < bottom; row += 1) mask.fill(1, row * columns + left, row * columns + right);
  }
  return mask;
}

/** First square and the one behind the last, of `count` in a row or column, between two places in pixels. */
function span(from: number, to: number, { step, count }: { readonly step: number; readonly count: number }) {
  const within = (square: number): number => Math.max(0, Math.min(count, square));
  return [within(Math.floor(from / step)), within(Math.ceil(to / step))] as const;
}
