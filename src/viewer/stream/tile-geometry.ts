import type { LayoutName } from '../../shared/domain/layout.js';

/** A tile, in fractions of the picture. */
export interface TileBox {
  /** Index of the tile, 0 is the leftmost. */
  readonly slot: number;
  /** Who is in it. */
  readonly trackId: number;
  /** Of the person; absent where they have none. */
  readonly name?: string | undefined;
  /** From the left edge. */
  readonly left: number;
  /** From the upper edge. */
  readonly top: number;
  /** Of the picture's width. */
  readonly width: number;
  /** Of the picture's height. */
  readonly height: number;
}

/** Who is shown where in a frame. */
export interface ShownFrame {
  /** How the frame is divided. */
  readonly layout: LayoutName;
  /** Everybody in it; those without a slot have no tile. */
  readonly boxes: readonly { readonly trackId: number; readonly name?: string; readonly slot?: number }[];
}

/** Where the tiles of a frame are; none while the scene or a slate is shown. Four are a quarter each, column by column. */
export function tileBoxes(frame: ShownFrame | undefined): readonly TileBox[] {
  if (!frame || frame.layout === 'scene' || frame.layout === 'slate') return [];
  const people = frame.boxes
    .flatMap(({ trackId, name, slot }) =>
      slot === undefined ? [] : [{ trackId, slot, ...(name !== undefined && { name }) }],
    )
    .sort((a, b) => a.slot - b.slot);
  const rows = people.length === 4 ? 2 : 1;
  const columns = Math.max(1, people.length / rows);
  return people.map((person, index) => ({
    ...person,
    left: Math.floor(index / rows) / columns,
    top: (index % rows) / rows,
    width: 1 / columns,
    height: 1 / rows,
  }));
}
