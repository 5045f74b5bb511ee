import type { LumaSketch } from '../../../shared/domain/detection.js';

/** A picture has so many cells along its longer side. */
const CELLS = 32;
/** Cells that are compared with a cell lie at most this far from it: larger structures, such as shadows, are left out. */
const NEIGHBOURHOOD = 2;
const NEIGHBOURS = (2 * NEIGHBOURHOOD + 1) ** 2;
/** Cells with a mean beyond these are too dark or too bright to show anything. */
const DARK = 6;
const BRIGHT = 249;
/** Fewer cells than this share say nothing of the picture … */
export const MIN_VALID = 0.25;
/** … and so does structure with a smaller standard deviation, levels … */
const MIN_CONTRAST = 1;
/** … or of which both halves of the points agree less than this: it is noise. */
const MIN_RELIABILITY = 0.5;

/**
 * The structure of one picture: what is left of each cell's brightness without its neighbourhood, levels. Filled anew
 * for each picture, without allocating while pictures have one size.
 */
export class PictureStructure {
  /** Cells along a row. */
  columns = 0;
  /** Cells along a column. */
  rows = 0;
  /** Row by row; 0 for a cell that says nothing. */
  cells = new Float64Array(0);
  /** 1 for each cell that says something, otherwise 0. */
  valid = new Uint8Array(0);
  /** How many do. */
  validCount = 0;
  /** Sum of the squares of all cells. */
  energy = 0;
  /** Correlation of the structures of two halves of the points, in (0, 1]. */
  reliability = 0;

  /**
   * Takes the structure of a picture.
   *
   * @returns `false` for a picture that says nothing; the fields then mean nothing
   */
  take({ luma, columns: points }: LumaSketch): boolean {
    const lines = Math.floor(luma.length / points);
    const side = Math.max(1, Math.floor(Math.max(points, lines) / CELLS));
    this.#resize(Math.floor(points / side), Math.floor(lines / side));
    const [one, other] = halves(this.cells.length);
    takeCellMeans(luma, points, side, this, one.means, other.means);
    sumNeighbourhoods(one, this.columns, this.rows);
    sumNeighbourhoods(other, this.columns, this.rows);
    return this.#join(one, other);
  }

  #resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    if (this.cells.length === columns * rows) return;
    this.cells = new Float64Array(columns * rows);
    this.valid = new Uint8Array(columns * rows);
  }

  /** Each cell is the mean of both halves. */
  #join(one: Half, other: Half): boolean {
    const { cells, valid } = this;
    let count = 0;
    let sumAb = 0;
    let sumAa = 0;
    let sumBb = 0;
    for (let i = 0; i < cells.length; i += 1) {
      const a = one.means[i]!;
      const b = other.means[i]!;
      if (a < DARK || a > BRIGHT || b < DARK || b > BRIGHT) {
        valid[i] = 0;
        cells[i] = 0;
        continue;
      }
      const left = a - one.sums[i]! / NEIGHBOURS;
      const right = b - other.sums[i]! / NEIGHBOURS;
      valid[i] = 1;
      cells[i] = (left + right) / 2;
      count += 1;
      sumAb += left * right;
      sumAa += left * left;
      sumBb += right * right;
    }
    this.validCount = count;
    this.energy = (sumAa + 2 * sumAb + sumBb) / 4;
    this.reliability = sumAb / Math.sqrt(sumAa * sumBb);
    return (
      count >= MIN_VALID * cells.length &&
      this.energy >= MIN_CONTRAST ** 2 * count &&
      this.reliability >= MIN_RELIABILITY
    );
  }
}

/** What the work on one half of the points needs, row by row. */
interface Half {
  /** Mean of each cell. */
  readonly means: Float64Array;
  /** Sum of the means in a cell's neighbourhood. */
  readonly sums: Float64Array;
}

const halfOf = (cells: number): Half => ({ means: new Float64Array(cells), sums: new Float64Array(cells) });

/** Of whichever picture is looked at now: nothing in it outlives {@link PictureStructure.take}. */
let scratch: readonly [Half, Half] = [halfOf(0), halfOf(0)];

function halves(cells: number): readonly [Half, Half] {
  if (scratch[0].means.length !== cells) scratch = [halfOf(cells), halfOf(cells)];
  return scratch;
}

/** Means of the two halves of each cell's points, which lie as the fields of a chessboard do. */
function takeCellMeans(
  luma: Uint8Array,
  points: number,
  side: number,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  one: Float64Array,
  other: Float64Array,
): void {
  // The half with the first point of a cell has the odd one, where there is one.
  const nearCount = Math.ceil(side ** 2 / 2);
  const farCount = side ** 2 - nearCount;
  for (let row = 0; row < rows; row += 1) {
    const firstLine = row * side;
    const endLine = firstLine + side;
    // In even lines of the picture the first point of a cell is of the one half, in odd lines of the other.
    const isEven = firstLine % 2 === 0;
    for (let column = 0; column < columns; column += 1) {
      const left = column * side;
      let near = 0;
      let far = 0;
      let y = firstLine;
      // Two lines at a time.
      for (; y + 1 < endLine; y += 2) {
        let at = y * points + left;
        const end = at + side;
        for (; at + 1 < end; at += 2) {
          near += luma[at]! + luma[at + points + 1]!;
          far += luma[at + 1]! + luma[at + points]!;
        }
        if (at < end) {
          near += luma[at]!;
          far += luma[at + points]!;
        }
      }
      if (y < endLine) {
        let at = y * points + left;
        const end = at + side;
        for (; at + 1 < end; at += 2) {
          near += luma[at]!;
          far += luma[at + 1]!;
        }
        if (at < end) near += luma[at]!;
      }
      const nearMean = near / nearCount;
      // A cell of one point is that point, in both halves.
      const farMean = farCount > 0 ? far / farCount : nearMean;
      one[row * columns + column] = isEven ? nearMean : farMean;
      other[row * columns + column] = isEven ? farMean : nearMean;
    }
  }
}

/** Fills the sums: down, then across; beyond an edge its last cell counts. */
function sumNeighbourhoods({ means, sums }: Half, columns: number, rows: number): void {
  const down = columnSums(columns);
  for (let x = 0; x < columns; x += 1) {
    let sum = 0;
    for (let y = -NEIGHBOURHOOD; y <= NEIGHBOURHOOD; y += 1) sum += means[within(y, rows) * columns + x]!;
    down[x] = sum;
  }
  for (let y = 0; y < rows; y += 1) {
    const base = y * columns;
    let sum = 0;
    for (let x = -NEIGHBOURHOOD; x <= NEIGHBOURHOOD; x += 1) sum += down[within(x, columns)]!;
    for (let x = 0; x < columns; x += 1) {
      sums[base + x] = sum;
      sum += down[within(x + NEIGHBOURHOOD + 1, columns)]! - down[within(x - NEIGHBOURHOOD, columns)]!;
    }
    const enters = within(y + NEIGHBOURHOOD + 1, rows) * columns;
    const leaves = within(y - NEIGHBOURHOOD, rows) * columns;
    for (let x = 0; x < columns; x += 1) down[x]! += means[enters + x]! - means[leaves + x]!;
  }
}

const within = (at: number, length: number): number => (at < 0 ? 0 : at < length ? at : length - 1);

/** Sums over the lines around one line, of whichever half is looked at now. */
let sumsDown = new Float64Array(0);

function columnSums(columns: number): Float64Array {
  if (sumsDown.length !== columns) sumsDown = new Float64Array(columns);
  return sumsDown;
}
