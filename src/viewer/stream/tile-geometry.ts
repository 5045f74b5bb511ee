import type { Box } from '../../shared/domain/box.js';
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
  readonly boxes: readonly {
    readonly trackId: number;
    readonly name?: string;
    readonly slot?: number;
    /** Pixels of the output. */
    readonly box?: Box;
  }[];
}

/**
 * Where the tiles of a frame are; none while the scene or a slate is shown. Four are a quarter each, column by column.
 * Where people share one frame, everybody has the part of it that is nearest to them.
 *
 * @param width - of the output, pixels
 */
export function tileBoxes(frame: ShownFrame | undefined, width: number): readonly TileBox[] {
  if (!frame || frame.layout === 'scene' || frame.layout === 'slate') return [];
  const people = frame.boxes
    .flatMap(({ trackId, name, slot, box }) =>
      slot === undefined ? [] : [{ person: { trackId, slot, ...(name !== undefined && { name }) }, box }],
    )
    .sort((a, b) => a.person.slot - b.person.slot);
  if (frame.layout === 'together') return nearest(people, width);
  const rows = people.length === 4 && frame.layout === 'grid' ? 2 : 1;
  const columns = Math.max(1, people.length / rows);
  return people.map(({ person }, index) => ({
    ...person,
    left: Math.floor(index / rows) / columns,
    top: (index % rows) / rows,
    width: 1 / columns,
    height: 1 / rows,
  }));
}

type Who = Pick<TileBox, 'slot' | 'trackId' | 'name'>;

/** Upright parts of the picture, each from halfway to the neighbour on the left to halfway to the one on the right. */
function nearest(
  people: readonly { readonly person: Who; readonly box: Box | undefined }[],
  width: number,
): readonly TileBox[] {
  const placed = people
    .map(({ person, box }) => ({ person, middle: box ? (box.x + box.width / 2) / width : 0.5 }))
    .sort((a, b) => a.middle - b.middle);
  const edges = placed.slice(1).map(({ middle }, index) => (middle + placed[index]!.middle) / 2);
  return placed.map(({ person }, index) => {
    const left = edges[index - 1] ?? 0;
    return { ...person, left, top: 0, width: (edges[index] ?? 1) - left, height: 1 };
  });
}
