import { center } from '../../../shared/domain/box.js';
import type { RememberedTile, RememberedTiles } from '../../../shared/domain/remembered-people.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { PersonRecord } from './person-record.js';
import type { SlotTable } from './slot-table.js';

/** How long the tiles wait to learn who somebody is, where they belong to persons and not to places, s. */
const KNOWN_WITHIN_S = 1.5;

/** A tile that waits for whom it showed in the run before. */
interface AwaitedTile extends RememberedTile {
  readonly slot: number;
  readonly trackId: TrackId;
}

/**
 * Gives the tiles to those who had them in the run before: by identity; after 1.5 s, or at once where sides decide
 * anyway, to whoever is nearest to where they were last.
 */
export class TilesBefore {
  #awaited: readonly AwaitedTile[];
  readonly #knownWithinS: number;
  /** Whether people were shown in another order than that in which they were: somebody has exchanged them. */
  readonly isSwapped: boolean;
  #firstS: number | undefined;

  /** Awaits everybody who had a tile. @param isByIdentity - whether a person keeps the tile wherever they go */
  constructor({ isLocked, tiles }: RememberedTiles, isByIdentity: boolean) {
    this.#awaited = tiles.flatMap((tile, slot) =>
      tile.trackId === undefined ? [] : [{ ...tile, slot, trackId: tile.trackId }],
    );
    const lefts = this.#awaited.flatMap(({ box }) => (box ? [center(box).x] : []));
    this.isSwapped = lefts.some((x, index) => index > 0 && x < lefts[index - 1]!);
    const belongsToPersons = isByIdentity || isLocked || this.isSwapped || this.#awaited.some((tile) => tile.isPinned);
    this.#knownWithinS = belongsToPersons ? KNOWN_WITHIN_S : 0;
  }

  /** Nobody is pinned any more. */
  unpin(): void {
    this.#awaited = this.#awaited.map((tile) => ({ ...tile, isPinned: false }));
  }

  /**
   * Fills tiles. @param candidates - people in sight without a tile @param nowS - PTS, s
   * @returns whether it is over: others may have what is empty
   */
  fill(slots: SlotTable, candidates: readonly PersonRecord[], nowS: number): boolean {
    this.#awaited = this.#awaited.filter(({ slot }) => slots.assignment[slot] === undefined && slot < slots.count);
    if (candidates.length > 0) this.#firstS ??= nowS;
    const free = new Map(candidates.map((person) => [person.id, person]));
    const give = (tile: AwaitedTile, id: TrackId): void => {
      if (tile.isPinned) slots.pin(tile.slot, id);
      else slots.give(tile.slot, id);
      free.delete(id);
      this.#awaited = this.#awaited.filter((other) => other !== tile);
    };
    for (const tile of this.#awaited) if (free.has(tile.trackId)) give(tile, tile.trackId);
    if (this.#firstS === undefined || nowS - this.#firstS < this.#knownWithinS) return this.#awaited.length === 0;
    for (const { tile, id } of this.#nearest([...free.values()])) {
      if (free.has(id) && this.#awaited.includes(tile)) give(tile, id);
    }
    this.#awaited = [];
    return true;
  }

  /** Tiles and people, those that are nearest to each other first. */
  #nearest(people: readonly PersonRecord[]): readonly { readonly tile: AwaitedTile; readonly id: TrackId }[] {
    const pairs = this.#awaited.flatMap((tile) => {
      const { box } = tile;
      return box ? people.map(({ id, centerX }) => ({ tile, id, apart: Math.abs(centerX - center(box).x) })) : [];
    });
    return pairs.sort((a, b) => a.apart - b.apart);
  }
}
