import type { Box } from './box.js';

/** A tracked person where the composed picture shows them. */
export interface OverlayBox {
  readonly trackId: number;
  /** Index of the tile, 0 is the leftmost; absent without a tile. */
  readonly slot?: number;
  /** Output pixels, cut at the edge of the region that shows the person. */
  readonly box: Box;
  readonly score: number;
}
