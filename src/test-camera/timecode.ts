import type { Box, Point, Size } from '../shared/domain/box.js';

/**
 * A frame number written into the picture, to be read back after encoding, scaling and cropping.
 *
 * A green frame, half a cell thick, encloses three rows of twelve square cells, black or white:
 *
 *     white | bit 19 … bit 10                         | black
 *     white | bit  9 … bit  0                         | black
 *     white | check 9 … check 0                       | black
 *
 * check[i] = bit[i] xor bit[i + 10] xor (i odd). The first and last column give the levels of
 * white and black; the check row tells a picture in transition from a whole one.
 */
export const TIMECODE_COLUMNS = 12;
/** Cells from top to bottom. */
export const TIMECODE_ROWS = 3;
/** Two rows of them: frame numbers are below 2^20, nine hours at 30 frames a second. */
const BITS_PER_ROW = 10;
const BORDER_CELLS = 0.5;
/** White and black guards nearer than this (of 255) mean that there is no strip. */
const MIN_CONTRAST = 60;

/** Size of a strip with its green frame, for cells of `cellPx` pixels. */
export function timecodeSize(cellPx: number): Size {
  return {
    width: (TIMECODE_COLUMNS + 2 * BORDER_CELLS) * cellPx,
    height: (TIMECODE_ROWS + 2 * BORDER_CELLS) * cellPx,
  };
}

/** The cells' rectangle inside a strip's outer one, at any scale. */
export function timecodeInner(outer: Box): Box {
  const borderX = (outer.width * BORDER_CELLS) / (TIMECODE_COLUMNS + 2 * BORDER_CELLS);
  const borderY = (outer.height * BORDER_CELLS) / (TIMECODE_ROWS + 2 * BORDER_CELLS);
  return {
    x: outer.x + borderX,
    y: outer.y + borderY,
    width: outer.width - 2 * borderX,
    height: outer.height - 2 * borderY,
  };
}

/** Which bits a cell holds: white when the number of ones among them, plus `odd`, is odd. */
export interface CellRule {
  /** From the top, 0 … 2. */
  readonly row: number;
  /** From the left, 0 … 11. */
  readonly column: number;
  /** Numbers of the bits, 0 is the lowest. */
  readonly bits: readonly number[];
  /** Added to the number of ones. */
  readonly odd: 0 | 1;
}

/** The 30 cells that depend on the frame number. */
export function timecodeRules(): readonly CellRule[] {
  return Array.from({ length: BITS_PER_ROW }, (_, i): readonly CellRule[] => {
    const column = BITS_PER_ROW - i;
    return [
      { row: 0, column, bits: [i + BITS_PER_ROW], odd: 0 },
      { row: 1, column, bits: [i], odd: 0 },
      { row: 2, column, bits: [i, i + BITS_PER_ROW], odd: i % 2 === 0 ? 0 : 1 },
    ];
  }).flat();
}

/** Whether a cell is white in the frame with this number. */
export function isWhite(rule: CellRule, frame: number): boolean {
  const ones = rule.bits.reduce((sum, bit) => sum + ((frame >> bit) & 1), rule.odd);
  return ones % 2 === 1;
}

/** Middle of a cell; `inner` is the cells' rectangle as seen. */
export function cellCenter(inner: Box, row: number, column: number): Point {
  return {
    x: inner.x + ((column + 0.5) * inner.width) / TIMECODE_COLUMNS,
    y: inner.y + ((row + 0.5) * inner.height) / TIMECODE_ROWS,
  };
}

/**
 * The frame number in the cells inside `inner`; `undefined` where there is none to read.
 *
 * @param lumaAt - brightness 0 … 255 at a point of the picture (a mean around it reads better)
 */
export function decodeTimecode(lumaAt: (point: Point) => number, inner: Box): number | undefined {
  const levels = [0, 1, 2].map((row) => {
    const white = lumaAt(cellCenter(inner, row, 0));
    const black = lumaAt(cellCenter(inner, row, TIMECODE_COLUMNS - 1));
    return { threshold: (white + black) / 2, contrast: white - black };
  });
  if (levels.some(({ contrast }) => contrast < MIN_CONTRAST)) return undefined;

  const seen = timecodeRules().map((rule) => {
    const isCellWhite = lumaAt(cellCenter(inner, rule.row, rule.column)) > (levels[rule.row]?.threshold ?? 0);
    return { rule, isCellWhite };
  });
  const frame = seen
    .filter(({ rule, isCellWhite }) => rule.bits.length === 1 && isCellWhite)
    .reduce((sum, { rule }) => sum + 2 ** (rule.bits[0] ?? 0), 0);
  return seen.every(({ rule, isCellWhite }) => isWhite(rule, frame) === isCellWhite) ? frame : undefined;
}

/** Pixels as a canvas gives them: four bytes each, rows without padding. */
export interface RgbaPicture extends Size {
  /** Red, green, blue and alpha of each pixel, 0 … 255. */
  readonly data: ArrayLike<number>;
}

/**
 * Finds the strip by its green frame inside `region` (which must hold one strip at most) and
 * gives the cells' rectangle; `undefined` where there is none.
 */
export function locateTimecode(picture: RgbaPicture, region: Box): Box | undefined {
  const left = Math.max(0, Math.floor(region.x));
  const top = Math.max(0, Math.floor(region.y));
  const right = Math.min(picture.width, Math.ceil(region.x + region.width));
  const bottom = Math.min(picture.height, Math.ceil(region.y + region.height));
  const columns = new Uint32Array(Math.max(0, right - left));
  const rows = new Uint32Array(Math.max(0, bottom - top));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (!isFrameGreen(picture.data, 4 * (y * picture.width + x))) continue;
      columns[x - left] = (columns[x - left] ?? 0) + 1;
      rows[y - top] = (rows[y - top] ?? 0) + 1;
    }
  }
  const across = extent(columns);
  const down = extent(rows);
  if (across === undefined || down === undefined) return undefined;
  const outer = { x: left + across.from, y: top + down.from, width: across.length, height: down.length };
  const expected = (TIMECODE_COLUMNS + 2 * BORDER_CELLS) / (TIMECODE_ROWS + 2 * BORDER_CELLS);
  const isWhole = Math.abs(outer.width / outer.height / expected - 1) < 0.15;
  return isWhole ? timecodeInner(outer) : undefined;
}

function isFrameGreen(data: ArrayLike<number>, at: number): boolean {
  const green = data[at + 1] ?? 0;
  return green > 100 && green - Math.max(data[at] ?? 0, data[at + 2] ?? 0) > 70;
}

/** From the first to the last line that holds a good part of what the fullest one holds. */
function extent(counts: Uint32Array): { readonly from: number; readonly length: number } | undefined {
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  if (most < TIMECODE_COLUMNS) return undefined;
  const enough = most / 5;
  const from = counts.findIndex((count) => count >= enough);
  const to = counts.findLastIndex((count) => count >= enough);
  return { from, length: to - from + 1 };
}
