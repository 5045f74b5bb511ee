import { MIN_VALID, type PictureStructure } from './picture-structure.js';

/**
 * Correlation of two structures of one size where they lie on one another, of the cells that say something in both.
 *
 * @returns in [-1, 1]; -1 where these are too few
 */
export function correlationOf(a: PictureStructure, b: PictureStructure): number {
  return isWhole(a) && isWhole(b)
    ? ratio(sumOfProducts(a, b, 0, 0), a.energy, b.energy)
    : correlationOfValid(a, b, 0, 0);
}

/**
 * The same at the shift that fits best.
 *
 * @param reachX - greatest shift to either side, cells; less than the structures have columns
 * @param reachY - greatest shift up and down, cells; less than they have rows
 */
export function bestCorrelation(a: PictureStructure, b: PictureStructure, reachX: number, reachY: number): number {
  const areWhole = isWhole(a) && isWhole(b);
  if (areWhole) {
    energyA.take(a);
    energyB.take(b);
  }
  let best = -1;
  for (let dy = -reachY; dy <= reachY; dy += 1) {
    for (let dx = -reachX; dx <= reachX; dx += 1) {
      const correlation = areWhole
        ? ratio(sumOfProducts(a, b, dx, dy), energyA.of(dx, dy), energyB.of(-dx, -dy))
        : correlationOfValid(a, b, dx, dy);
      if (correlation > best) best = correlation;
    }
  }
  return best;
}

const isWhole = ({ validCount, cells }: PictureStructure): boolean => validCount === cells.length;

const ratio = (sumAb: number, sumAa: number, sumBb: number): number => sumAb / Math.sqrt(sumAa * sumBb) || 0;

/** Of all cells in common, where `b` is shifted by so many. */
function sumOfProducts(a: PictureStructure, b: PictureStructure, dx: number, dy: number): number {
  const { columns, rows, cells } = a;
  const others = b.cells;
  const width = columns - Math.abs(dx);
  const lastY = rows + Math.min(0, dy);
  // Four sums, since an addition waits for the one before it.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let y = Math.max(0, dy); y < lastY; y += 1) {
    let i = y * columns + Math.max(0, dx);
    let j = i - dy * columns - dx;
    const end = i + width;
    for (; i + 3 < end; i += 4, j += 4) {
      sum0 += cells[i]! * others[j]!;
      sum1 += cells[i + 1]! * others[j + 1]!;
      sum2 += cells[i + 2]! * others[j + 2]!;
      sum3 += cells[i + 3]! * others[j + 3]!;
    }
    for (; i < end; i += 1, j += 1) sum0 += cells[i]! * others[j]!;
  }
  return sum0 + sum1 + (sum2 + sum3);
}

/** The same as {@link correlationOf}, where `b` is shifted by so many cells and some say nothing. */
function correlationOfValid(a: PictureStructure, b: PictureStructure, dx: number, dy: number): number {
  const { columns, rows, cells } = a;
  const others = b.cells;
  const width = columns - Math.abs(dx);
  const lastY = rows + Math.min(0, dy);
  let count = 0;
  let sumAb = 0;
  let sumAa = 0;
  let sumBb = 0;
  for (let y = Math.max(0, dy); y < lastY; y += 1) {
    let i = y * columns + Math.max(0, dx);
    let j = i - dy * columns - dx;
    for (const end = i + width; i < end; i += 1, j += 1) {
      if ((a.valid[i]! & b.valid[j]!) === 0) continue;
      const one = cells[i]!;
      const other = others[j]!;
      count += 1;
      sumAb += one * other;
      sumAa += one * one;
      sumBb += other * other;
    }
  }
  return count < MIN_VALID * cells.length ? -1 : ratio(sumAb, sumAa, sumBb);
}

/** Sums of the squares of cells above and to the left, so that those of any rectangle are a few additions. */
class EnergySums {
  #columns = 0;
  #rows = 0;
  #sums = new Float64Array(0);

  take({ columns, rows, cells }: PictureStructure): void {
    this.#columns = columns;
    this.#rows = rows;
    const stride = columns + 1;
    if (this.#sums.length !== stride * (rows + 1)) this.#sums = new Float64Array(stride * (rows + 1));
    const sums = this.#sums;
    sums.fill(0);
    for (let y = 0; y < rows; y += 1) {
      let row = 0;
      for (let x = 0; x < columns; x += 1) {
        row += cells[y * columns + x]! ** 2;
        sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
      }
    }
  }

  /** Of the cells that also lie in the picture where it is shifted by so much. */
  of(dx: number, dy: number): number {
    const stride = this.#columns + 1;
    const left = Math.max(0, dx);
    const right = this.#columns + Math.min(0, dx);
    const top = Math.max(0, dy) * stride;
    const bottom = (this.#rows + Math.min(0, dy)) * stride;
    const sums = this.#sums;
    return sums[bottom + right]! - sums[bottom + left]! - sums[top + right]! + sums[top + left]!;
  }
}

/** Of whichever pictures are compared now: they hold nothing beyond {@link bestCorrelation}. */
const energyA = new EnergySums();
const energyB = new EnergySums();
