import type { Box } from '../../../shared/domain/box.js';
import { roundToEven } from './scene-geometry.js';

/** The rectangle of a tile, in fractions of the picture; a part below 0 or above 1 is outside. */
export interface Cell {
  /** Fraction of the width. */
  readonly left: number;
  /** Fraction of the height. */
  readonly top: number;
  /** Fraction of the width, ≥ `left`. */
  readonly right: number;
  /** Fraction of the height, ≥ `top`. */
  readonly bottom: number;
}

const cell = (left: number, top: number, right: number, bottom: number): Cell => ({ left, top, right, bottom });

/** The whole picture. */
export const WHOLE = cell(0, 0, 1, 1);

/**
 * From the leftmost person to the rightmost. Three get columns: all are of one size, nothing is black, and an
 * upright tile keeps the neighbours out of it, which one of half the height and the picture's aspect would not. Four take a quarter each, column by column, so that left stays left.
 */
const ARRANGEMENTS: readonly (readonly Cell[])[] = [
  [WHOLE],
  [cell(0, 0, 1 / 2, 1), cell(1 / 2, 0, 1, 1)],
  [cell(0, 0, 1 / 3, 1), cell(1 / 3, 0, 2 / 3, 1), cell(2 / 3, 0, 1, 1)],
  [cell(0, 0, 1 / 2, 1 / 2), cell(0, 1 / 2, 1 / 2, 1), cell(1 / 2, 0, 1, 1 / 2), cell(1 / 2, 1 / 2, 1, 1)],
];

/**
 * The cells for this number of people, 1 … 4, which together fill the picture.
 *
 * @param inColumns - whether four are side by side too, because neighbours share a frame
 * @throws {@link RangeError} for any other number
 */
export function arrange(count: number, inColumns = false): readonly Cell[] {
  if (inColumns) return Array.from({ length: count }, (_, index) => cell(index / count, 0, (index + 1) / count, 1));
  const cells = ARRANGEMENTS[count - 1];
  if (!cells) throw new RangeError(`count: expected 1 … ${ARRANGEMENTS.length}, got ${count}`);
  return cells;
}

/**
 * Where a tile comes from and goes to: over the edge that its cell touches, so that it moves with its
 * neighbours without a gap; one between two others narrows to a line.
 */
export function outside({ left, top, right, bottom }: Cell): Cell {
  const isTall = bottom - top === 1;
  if (!isTall) return top === 0 ? cell(left, top - bottom, right, 0) : cell(left, 1, right, 1 + bottom - top);
  if (right === 1) return cell(1, 0, 2 - left, 1);
  if (left === 0) return cell(-right, 0, 0, 1);
  const middle = (left + right) / 2;
  return cell(middle, 0, middle, 1);
}

/** Whether all edges are equal. */
export const isSameCell = (a: Cell, b: Cell): boolean =>
  a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;

/** Between the centres, fraction of the picture. */
export const distance = (a: Cell, b: Cell): number =>
  Math.hypot(a.left + a.right - b.left - b.right, a.top + a.bottom - b.top - b.bottom) / 2;

/** The cell in pixels, where the picture is at `frame`; even numbers, and neighbours meet without a gap. */
export function cellBox({ left, top, right, bottom }: Cell, frame: Box): Box {
  const x = frame.x + roundToEven(left * frame.width);
  const y = frame.y + roundToEven(top * frame.height);
  return {
    x,
    y,
    width: frame.x + roundToEven(right * frame.width) - x,
    height: frame.y + roundToEven(bottom * frame.height) - y,
  };
}
