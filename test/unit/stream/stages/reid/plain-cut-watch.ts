import type { LumaSketch } from '#src/shared/domain/detection.js';

/** A picture has so many cells along its longer side. */
const CELLS = 32;
/** Cells that are compared with a cell lie at most this far from it: larger structures, such as shadows, are left out. */
const NEIGHBOURHOOD = 2;
/** Cells with a mean beyond these are too dark or too bright to show anything. */
const DARK = 6;
const BRIGHT = 249;
/** Fewer cells than this share say nothing of the picture … */
const MIN_VALID = 0.25;
/** … and so does structure with a smaller standard deviation, levels … */
const MIN_CONTRAST = 1;
/** … or of which both halves of the points agree less than this: it is noise. */
const MIN_RELIABILITY = 0.5;
/** A camera turns by at most this share of the picture from one sketch to the next. */
const MAX_SHIFT = { along: 0.3, across: 0.25 };
/** Where pictures are as similar as this without a shift, none is tried. */
const SURELY_SAME = 0.7;

/** The structure of one picture: what is left of each cell without its neighbourhood; `NaN` for one that says nothing. */
interface Structure {
  readonly cells: Float64Array;
  readonly columns: number;
  readonly rows: number;
  /** Correlation of the structures of two halves of the points, in (0, 1]. */
  readonly reliability: number;
}

/** `CutWatch` as its definition reads, one step after the other, however long it takes. */
export class PlainCutWatch {
  #last: Structure | undefined;

  add(sketch: LumaSketch): number | undefined {
    const structure = structureOf(sketch);
    if (!structure) return undefined;
    const last = this.#last;
    this.#last = structure;
    if (last?.columns !== structure.columns || last.rows !== structure.rows) return undefined;
    return similarityOf(last, structure) / Math.sqrt(last.reliability * structure.reliability);
  }
}

/** `undefined` for a picture that says nothing. */
function structureOf({ luma, columns: points }: LumaSketch): Structure | undefined {
  const lines = Math.floor(luma.length / points);
  const side = Math.max(1, Math.floor(Math.max(points, lines) / CELLS));
  const columns = Math.floor(points / side);
  const rows = Math.floor(lines / side);
  const halves = [0, 1].map((half) => {
    const means = cellMeans({ luma, columns: points }, { columns, rows, side, half });
    return withoutNeighbourhood(means, columns, rows);
  }) as [Float64Array, Float64Array];
  const reliability = correlation(halves[0], halves[1]);
  const cells = halves[0].map((value, index) => (value + halves[1][index]!) / 2);
  const valid = cells.filter((value) => !Number.isNaN(value));
  if (valid.length < MIN_VALID * cells.length) return undefined;
  const contrast = Math.sqrt(valid.reduce((sum, value) => sum + value ** 2, 0) / valid.length);
  if (contrast < MIN_CONTRAST || !(reliability >= MIN_RELIABILITY)) return undefined;
  return { cells, columns, rows, reliability };
}

/** Mean of every other point of each cell; `half` says which. */
function cellMeans(
  { luma, columns: points }: LumaSketch,
  { columns, rows, side, half }: { readonly columns: number; readonly rows: number; side: number; half: number },
): Float64Array {
  const means = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let sum = 0;
      let count = 0;
      for (let y = row * side; y < (row + 1) * side; y += 1) {
        for (let x = column * side + ((y + half) % 2); x < (column + 1) * side; x += 2) {
          sum += luma[y * points + x]!;
          count += 1;
        }
      }
      means[row * columns + column] = count > 0 ? sum / count : luma[row * side * points + column * side]!;
    }
  }
  return means;
}

/** Each cell less the mean of its neighbourhood. */
function withoutNeighbourhood(means: Float64Array, columns: number, rows: number): Float64Array {
  const across = boxSums(means, columns, rows, 1);
  const sums = boxSums(across, columns, rows, columns);
  const count = (2 * NEIGHBOURHOOD + 1) ** 2;
  return means.map((mean, index) => (mean < DARK || mean > BRIGHT ? Number.NaN : mean - sums[index]! / count));
}

/** Sums over the neighbourhood in one direction; beyond the edge its last cell counts. */
function boxSums(values: Float64Array, columns: number, rows: number, stride: number): Float64Array {
  return values.map((_, index) => {
    const at = stride === 1 ? index % columns : Math.floor(index / columns);
    const last = stride === 1 ? columns - 1 : rows - 1;
    let sum = 0;
    for (let offset = -NEIGHBOURHOOD; offset <= NEIGHBOURHOOD; offset += 1) {
      sum += values[index + (Math.min(last, Math.max(0, at + offset)) - at) * stride]!;
    }
    return sum;
  });
}

/** Correlation at the shift that fits best. */
function similarityOf(a: Structure, b: Structure): number {
  let best = shiftedCorrelation(a, b, 0, 0);
  if (best >= SURELY_SAME) return best;
  const reachX = Math.round(MAX_SHIFT.along * a.columns);
  const reachY = Math.round(MAX_SHIFT.across * a.rows);
  for (let dy = -reachY; dy <= reachY; dy += 1) {
    for (let dx = -reachX; dx <= reachX; dx += 1) best = Math.max(best, shiftedCorrelation(a, b, dx, dy));
  }
  return best;
}

/** −1 where the two have too few cells in common. */
function shiftedCorrelation(a: Structure, b: Structure, dx: number, dy: number): number {
  const { columns, rows } = a;
  let [count, sumAb, sumAa, sumBb] = [0, 0, 0, 0];
  for (let y = Math.max(0, dy); y < rows + Math.min(0, dy); y += 1) {
    for (let x = Math.max(0, dx); x < columns + Math.min(0, dx); x += 1) {
      const one = a.cells[y * columns + x]!;
      const other = b.cells[(y - dy) * columns + x - dx]!;
      const product = one * other;
      // Not a number where one of them is none.
      if (product !== product) continue;
      count += 1;
      sumAb += product;
      sumAa += one * one;
      sumBb += other * other;
    }
  }
  return count < MIN_VALID * a.cells.length ? -1 : sumAb / Math.sqrt(sumAa * sumBb) || 0;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const flat = { columns: a.length, rows: 1, reliability: 1 };
  return shiftedCorrelation({ ...flat, cells: a }, { ...flat, cells: b }, 0, 0);
}
