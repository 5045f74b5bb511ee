import { area, intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import type { Head } from '../../domain/head.js';
import { cropOfHead, type HeadFraming, type HeadPlace } from '../../domain/head-crop.js';

/** What tiles two people would have side by side. */
export interface TileSetting {
  /** Of one tile, output pixels. */
  readonly tile: Size;
  /** The source picture, pixels. */
  readonly picture: Size;
  /** How heads lie in tiles. */
  readonly framing: HeadFraming;
}

/** How much the tiles of two people have in common. */
export interface Closeness {
  /** Share of the smaller crop that the other one shows too, in [0, 1]. */
  readonly overlap: number;
  /** Whether one head is in the tile of the other person, or a third one in both tiles. */
  readonly isHeadShared: boolean;
}

/** A head counts as shown when its middle is nearer to the tile than this, in heads: the tiles move a little. */
const HEAD_MARGIN = 0.25;

/**
 * Compares the tiles of two people.
 *
 * @param places - where the heads lie in their tiles
 * @param others - heads of people without a tile
 * @param margin - space that is wanted between the tiles, as a share of their size
 */
export function closenessOf(
  a: Head,
  b: Head,
  { tile, picture, framing }: TileSetting,
  places: readonly [HeadPlace | undefined, HeadPlace | undefined],
  { margin = 0, others = [] }: { readonly margin?: number; readonly others?: readonly Head[] } = {},
): Closeness {
  const [one, other] = [a, b].map((head, index) => cropOfHead(head, tile, picture, framing, places[index])) as [
    Box,
    Box,
  ];
  const shared = intersectionArea(grown(one, margin), grown(other, margin));
  return {
    overlap: shared / Math.min(area(grown(one, margin)), area(grown(other, margin))),
    isHeadShared:
      isInside(a, other) || isInside(b, one) || others.some((head) => isInside(head, one) && isInside(head, other)),
  };
}

const grown = ({ x, y, width, height }: Box, share: number): Box => ({
  x: x - (share * width) / 2,
  y,
  width: width * (1 + share),
  height,
});

function isInside({ x, eyesY, height }: Head, box: Box): boolean {
  const margin = HEAD_MARGIN * height;
  return (
    x > box.x - margin &&
    x < box.x + box.width + margin &&
    eyesY > box.y - margin &&
    eyesY < box.y + box.height + margin
  );
}
