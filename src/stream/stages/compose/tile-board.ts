import type { TrackId } from '../../../shared/domain/track.js';
import { arrange, distance, isSameCell, outside, WHOLE, type Cell } from './arrangement.js';
import { Placement } from './placement.js';
import { Tile } from './tile.js';

/** How tiles change at one moment. */
export interface TileTransition {
  /** PTS of the output frame, s. */
  readonly nowS: number;
  /** How long tiles take to their new cells, s, ≥ 0; 0 is a cut. */
  readonly moveS: number;
  /** How long a dissolve from one person to another takes, s, ≥ 0. */
  readonly dissolveS: number;
  /** Whether the tiles show shots now, not the scene alone. */
  readonly areShotsVisible: boolean;
  /** Whether the picture is the same whoever this tile is for, as where tiles share a frame. @defaultValue never */
  readonly isInterchangeable?: (tile: Tile) => boolean;
  /** Whether four people are side by side too. @defaultValue false */
  readonly inColumns?: boolean;
}

/** A tile of the picture; one without a position is leaving. */
interface PlacedTile {
  readonly tile: Tile;
  readonly placement: Placement;
  /** Index in the arrangement, 0 is the leftmost. */
  position: number | undefined;
}

/**
 * The tiles of a picture: as many as there are people to show, at least one. People who stay keep
 * their tile when others come or go, and it moves to its new cell; while their number stays the
 * same, tiles stay where they are and dissolve from one person to the other.
 */
export class TileBoard {
  /** From the bottom up. */
  #placed: readonly PlacedTile[] = [{ tile: new Tile(), placement: new Placement(WHOLE), position: 0 }];
  /** Those of them that stay, from left to right. */
  #active: readonly PlacedTile[] = this.#placed;

  /** All tiles, those that are leaving too, from the bottom up. */
  get tiles(): readonly Tile[] {
    return this.#placed.map(({ tile }) => tile);
  }

  /** The tiles that stay, from left to right. */
  get active(): readonly Tile[] {
    return this.#active.map(({ tile }) => tile);
  }

  /** Whether all tiles are where they belong at `nowS`, s. */
  isSettled(nowS: number): boolean {
    return this.#placed.every(({ placement }) => placement.isSettled(nowS));
  }

  /** The people that tiles show, or dissolve to, from left to right. */
  get trackIds(): readonly TrackId[] {
    return this.#active.flatMap(({ tile }) => tile.trackId ?? []);
  }

  /** All tiles with their edges at `nowS`, s, from the bottom up. */
  at(nowS: number): readonly { readonly tile: Tile; readonly cell: Cell }[] {
    return this.#placed.map(({ tile, placement }) => ({ tile, cell: placement.at(nowS) }));
  }

  /** Begins again with one empty tile over the whole picture. */
  reset(): void {
    this.#placed = [{ tile: new Tile(), placement: new Placement(WHOLE), position: 0 }];
    this.#active = this.#placed;
  }

  /** Exchanges two ids where tiles show them; the picture does not change. */
  exchange(a: TrackId, b: TrackId): void {
    for (const { tile } of this.#placed) tile.relabel((id) => (id === a ? b : id === b ? a : id));
  }

  /** Shows these people, 0 … 4, from left to right; without people, one tile grows to the whole picture. */
  show(wanted: readonly TrackId[], transition: TileTransition): void {
    this.#prune(transition.nowS);
    const count = Math.max(1, wanted.length);
    const cells = arrange(count, transition.inColumns);
    if (count !== this.#active.length) this.#rearrange(wanted, cells, transition);
    // Four people go from a grid to columns, and back.
    else
      this.#active.forEach(({ placement }, position) =>
        placement.to(cells[position]!, transition.nowS, transition.moveS),
      );
    this.#active.forEach((placed, position) => fill(placed, wanted[position], transition));
  }

  /** Removes what is not visible any more. */
  #prune(nowS: number): void {
    // The order matters only while tiles move.
    if (this.isSettled(nowS)) this.#placed = this.#active;
    else {
      this.#placed = this.#placed.filter(
        ({ position, placement }) => position !== undefined || !placement.isSettled(nowS),
      );
    }
    for (const { tile } of this.#placed) tile.prune(nowS);
  }

  #rearrange(wanted: readonly TrackId[], cells: readonly Cell[], transition: TileTransition): void {
    const free = new Set([...this.#active, ...this.#placed.filter(({ position }) => position === undefined)]);
    const chosen: (PlacedTile | undefined)[] = cells.map((_, position) => {
      const own = [...free].find(({ tile }) => wanted[position] !== undefined && tile.trackId === wanted[position]);
      if (own) free.delete(own);
      return own;
    });
    cells.forEach((cell, position) => {
      if (chosen[position]) return;
      // Another person's tile that is free, or one that is leaving where this one would come in.
      const [other] = [...free]
        .filter(({ position: old, placement }) => old !== undefined || isSameCell(placement.cell, outside(cell)))
        .sort((a, b) => distance(a.placement.cell, cell) - distance(b.placement.cell, cell));
      if (other) free.delete(other);
      chosen[position] = other ?? this.#open(outside(cell));
    });
    for (const leaving of free) {
      if (leaving.position === undefined) continue;
      leaving.position = undefined;
      leaving.placement.to(outside(leaving.placement.cell), transition.nowS, transition.moveS);
    }
    chosen.forEach((placed, position) => {
      placed!.position = position;
      placed!.placement.to(cells[position]!, transition.nowS, transition.moveS);
    });
    this.#active = chosen as PlacedTile[];
  }

  #open(cell: Cell): PlacedTile {
    const placed: PlacedTile = { tile: new Tile(), placement: new Placement(cell), position: undefined };
    this.#placed = [...this.#placed, placed];
    return placed;
  }
}

function fill({ tile, placement }: PlacedTile, trackId: TrackId | undefined, transition: TileTransition): void {
  const { nowS, dissolveS, areShotsVisible } = transition;
  if (trackId === undefined) {
    if (!areShotsVisible) tile.clear();
    return;
  }
  if (tile.trackId === trackId) return;
  const isVisible =
    areShotsVisible &&
    tile.layers.length > 0 &&
    isInPicture(placement.at(nowS)) &&
    transition.isInterchangeable?.(tile) !== true;
  if (isVisible) tile.dissolve(trackId, nowS, dissolveS);
  else tile.cut(trackId);
}

function isInPicture({ left, top, right, bottom }: Cell): boolean {
  return Math.max(left, 0) < Math.min(right, 1) && Math.max(top, 0) < Math.min(bottom, 1);
}
