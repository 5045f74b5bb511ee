import type { Box, Size } from '../../../shared/domain/box.js';

/** Space beside the name, fraction of the plate's height. */
const PADDING_RATIO = 0.55;
/** Luma this far from the background is text. */
const TEXT_CONTRAST = 24;
/** Letters whose height is that of a Latin capital; all others are centred by themselves. */
const ALPHABETIC = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}]/u;

/** From the first to the last, both included. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * The part of a drawing that is the plate of a name: the name in the middle, with space on both sides; whole, even
 * numbers of pixels. All names have their capitals in the middle of the height, so that letters below the line and marks
 * above move nothing, and names stand on one line. All of the width where there is no text.
 *
 * @param luma - of the drawing, row-major; its first pixel is background
 * @param plateHeight - even, at most that of the drawing
 * @param capitals - rows of a capital drawn in the same way
 */
export function plateCrop(
  luma: Uint8Array,
  size: Size,
  { name, plateHeight, capitals }: { readonly name: string; readonly plateHeight: number; readonly capitals: Range },
): Box {
  const ink = inkOf(luma, size);
  const padding = plateHeight * PADDING_RATIO;
  const left = Math.max(0, 2 * Math.floor(((ink?.columns.first ?? size.width) - padding) / 2));
  const right = Math.min(size.width, 2 * Math.ceil(((ink?.columns.last ?? -1) + 1 + padding) / 2));
  const rows = ALPHABETIC.test(name) || !ink ? capitals : ink.rows;
  const top = 2 * Math.round(((rows.first + rows.last + 1 - plateHeight) / 2 - 0.5) / 2);
  const y = Math.min(Math.max(0, top), size.height - plateHeight);
  return right > left
    ? { x: left, y, width: right - left, height: plateHeight }
    : { x: 0, y, width: size.width, height: plateHeight };
}

/** The rows that text takes in a drawing; all of them where there is none. */
export const rowsOf = (luma: Uint8Array, size: Size): Range =>
  inkOf(luma, size)?.rows ?? { first: 0, last: size.height - 1 };

function inkOf(luma: Uint8Array, { width, height }: Size): Readonly<Record<'columns' | 'rows', Range>> | undefined {
  const background = luma[0]!;
  let columns: Range = { first: width, last: -1 };
  let rows: Range | undefined;
  for (let i = 0; i < width * height; i++) {
    if (Math.abs(luma[i]! - background) < TEXT_CONTRAST) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    columns = { first: Math.min(columns.first, x), last: Math.max(columns.last, x) };
    rows = { first: rows?.first ?? y, last: y };
  }
  return rows && { columns, rows };
}
