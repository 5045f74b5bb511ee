import type { TrackId } from '../../../shared/domain/track.js';
import { arrange, distance, isSameCell, outside, WHOLE, type Cell } from './arrangement.js';
import { Placement } from './placement.js';
import { Tile } from './tile.js';

export interface BoardMoment {
  readonly nowS: number;
  /** How long tiles take to their new places, s; 0 is a cut. */
  readonly moveS: number;
  /** How long one person takes to give way to another within a tile, s. */
  readonly dissolveS: number;
  /** Whether the shots in the tiles can be seen at all. */
  readonly areShotsSeen: boolean;
}

/** A tile on the picture; one without a seat is on its way out. */
interface PlacedTile {
  readonly tile: Tile;
  readonly placement: Placement;
  /** Place among the people, 0 is the leftmost. */
  seat: number | undefined;
}

/**
 * The tiles of a picture: as many as there are people to show, at least one. People who stay keep
 * their tile when others come or go, and it moves to its new place; while their number stays the
 * same, tiles stay where they are and dissolve from one person to the other.
 */
export class TileBoard {
  /** From the bottom up. */
  #placed: PlacedTile[] = [{ tile: new Tile(), placement: new Placement(WHOLE), seat: 0 }];

  /** The tiles there are, from the bottom up. */
  get tiles(): readonly Tile[] {
    return this.#placed.map(({ tile }) => tile);
  }

  /** Whom the tiles show or are about to. */
  get trackIds(): readonly TrackId[] {
    return this.#seated().flatMap(({ tile }) => tile.trackId ?? []);
  }

  /** The tiles with their edges now, from the bottom up. */
  at(nowS: number): readonly { readonly tile: Tile; readonly cell: Cell }[] {
    return this.#placed.map(({ tile, placement }) => ({ tile, cell: placement.at(nowS) }));
  }

  /** One empty tile over the whole picture. */
  reset(): void {
    this.#placed = [{ tile: new Tile(), placement: new Placement(WHOLE), seat: 0 }];
  }

  /** The person goes on under another id, and a person of that id under theirs; the picture does not change. */
  exchange(a: TrackId, b: TrackId): void {
    for (const { tile } of this.#placed) tile.relabel((id) => (id === a ? b : id === b ? a : id));
  }

  /** Shows these people, from left to right; with nobody to show, one tile grows to the whole picture. */
  show(wanted: readonly TrackId[], moment: BoardMoment): void {
    this.#prune(moment.nowS);
    const count = Math.max(1, wanted.length);
    if (count !== this.#seated().length) this.#seatAnew(wanted, count, moment);
    this.#seated().forEach((placed, seat) => fill(placed, wanted[seat], moment));
  }

  /** Forgets whom nobody sees any more. */
  #prune(nowS: number): void {
    this.#placed = this.#placed.filter(({ seat, placement }) => seat !== undefined || !placement.isSettled(nowS));
    for (const { tile } of this.#placed) tile.prune(nowS);
    // Who lies on top matters only on the way.
    if (this.#placed.every(({ placement }) => placement.isSettled(nowS))) this.#placed = this.#seated();
  }

  #seatAnew(wanted: readonly TrackId[], count: number, moment: BoardMoment): void {
    const cells = arrange(count);
    const free = new Set([...this.#seated(), ...this.#placed.filter(({ seat }) => seat === undefined)]);
    const seats: (PlacedTile | undefined)[] = cells.map((_, seat) => {
      const theirs = [...free].find(({ tile }) => wanted[seat] !== undefined && tile.trackId === wanted[seat]);
      if (theirs) free.delete(theirs);
      return theirs;
    });
    cells.forEach((cell, seat) => {
      if (seats[seat]) return;
      // Another person's tile that is free, or on its way out where this one would come in.
      const [other] = [...free]
        .filter(({ seat: old, placement }) => old !== undefined || isSameCell(placement.cell, outside(cell)))
        .sort((a, b) => distance(a.placement.cell, cell) - distance(b.placement.cell, cell));
      if (other) free.delete(other);
      seats[seat] = other ?? this.#open(outside(cell));
    });
    for (const leaving of free) {
      if (leaving.seat === undefined) continue;
      leaving.seat = undefined;
      leaving.placement.to(outside(leaving.placement.cell), moment.nowS, moment.moveS);
    }
    seats.forEach((placed, seat) => {
      placed!.seat = seat;
      placed!.placement.to(cells[seat]!, moment.nowS, moment.moveS);
    });
  }

  #open(cell: Cell): PlacedTile {
    const placed: PlacedTile = { tile: new Tile(), placement: new Placement(cell), seat: undefined };
    this.#placed.push(placed);
    return placed;
  }

  #seated(): PlacedTile[] {
    return this.#placed.filter(({ seat }) => seat !== undefined).sort((a, b) => a.seat! - b.seat!);
  }
}

function fill({ tile, placement }: PlacedTile, trackId: TrackId | undefined, moment: BoardMoment): void {
  const { nowS, dissolveS, areShotsSeen } = moment;
  if (trackId === undefined) {
    if (!areShotsSeen) tile.clear();
    return;
  }
  if (tile.trackId === trackId) return;
  const isSeen = areShotsSeen && tile.layers.length > 0 && isInPicture(placement.at(nowS));
  if (isSeen) tile.dissolve(trackId, nowS, dissolveS);
  else tile.cut(trackId);
}

function isInPicture({ left, top, right, bottom }: Cell): boolean {
  return Math.max(left, 0) < Math.min(right, 1) && Math.max(top, 0) < Math.min(bottom, 1);
}
