import type { Box } from './box.js';

/** A tracked person where the composed picture shows them. */
export interface OverlayBox {
  /** The person, as in `people` of the status. */
  readonly trackId: number;
  /** Of the person; absent where they have none. */
  readonly name?: string;
  /** Index of the tile, 0 is the leftmost; absent without a tile. */
  readonly slot?: number;
  /** Output pixels, cut at the edge of the region that shows the person. */
  readonly box: Box;
  /** Confidence of the last detection that matched, in [0, 1]. */
  readonly score: number;
}
