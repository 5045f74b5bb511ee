import { Glide } from '../../domain/glide.js';
import { isSameCell, type Cell } from './arrangement.js';

/**
 * A tile's edges on their way from one cell to the next. Tiles that are sent off at the same moment
 * for the same time keep together where they touch, because every edge moves by the same law.
 */
export class Placement {
  #cell: Cell;
  readonly #left: Glide;
  readonly #top: Glide;
  readonly #right: Glide;
  readonly #bottom: Glide;

  constructor(cell: Cell) {
    this.#cell = cell;
    this.#left = new Glide(cell.left);
    this.#top = new Glide(cell.top);
    this.#right = new Glide(cell.right);
    this.#bottom = new Glide(cell.bottom);
  }

  /** Where the tile is or is going. */
  get cell(): Cell {
    return this.#cell;
  }

  /** Heads for `cell`, to be there `durationS` ≥ 0 from now; edges already on their way there go on. */
  to(cell: Cell, nowS: number, durationS: number): void {
    if (isSameCell(cell, this.#cell)) return;
    this.#cell = cell;
    if (cell.left !== this.#left.target) this.#left.to(cell.left, nowS, durationS);
    if (cell.top !== this.#top.target) this.#top.to(cell.top, nowS, durationS);
    if (cell.right !== this.#right.target) this.#right.to(cell.right, nowS, durationS);
    if (cell.bottom !== this.#bottom.target) this.#bottom.to(cell.bottom, nowS, durationS);
  }

  at(nowS: number): Cell {
    return {
      left: this.#left.at(nowS),
      top: this.#top.at(nowS),
      right: this.#right.at(nowS),
      bottom: this.#bottom.at(nowS),
    };
  }

  isSettled(nowS: number): boolean {
    return [this.#left, this.#top, this.#right, this.#bottom].every((edge) => edge.isSettled(nowS));
  }
}
