import { Glide } from '../../domain/glide.js';
import { isSameCell, type Cell } from './arrangement.js';

/**
 * The edges of a tile on the way from one cell to another. Tiles that start at the same moment with the same
 * duration stay together where they touch, because every edge moves by the same curve.
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

  /** The cell where the tile is, or to which it moves. */
  get cell(): Cell {
    return this.#cell;
  }

  /** Moves to `cell` within `durationS` ≥ 0 seconds from `nowS` (s); edges with that target go on as they are. */
  to(cell: Cell, nowS: number, durationS: number): void {
    if (isSameCell(cell, this.#cell)) return;
    this.#cell = cell;
    if (cell.left !== this.#left.target) this.#left.to(cell.left, nowS, durationS);
    if (cell.top !== this.#top.target) this.#top.to(cell.top, nowS, durationS);
    if (cell.right !== this.#right.target) this.#right.to(cell.right, nowS, durationS);
    if (cell.bottom !== this.#bottom.target) this.#bottom.to(cell.bottom, nowS, durationS);
  }

  /** The edges at `nowS`, s. */
  at(nowS: number): Cell {
    return {
      left: this.#left.at(nowS),
      top: this.#top.at(nowS),
      right: this.#right.at(nowS),
      bottom: this.#bottom.at(nowS),
    };
  }

  /** Whether all edges have reached their cell at `nowS`, s. */
  isSettled(nowS: number): boolean {
    return (
      this.#left.isSettled(nowS) &&
      this.#top.isSettled(nowS) &&
      this.#right.isSettled(nowS) &&
      this.#bottom.isSettled(nowS)
    );
  }
}
