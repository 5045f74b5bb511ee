import type { Size } from '../../shared/domain/box.js';
import type { Head } from './head.js';
import { HEAD_FRAMING, type HeadFraming, type HeadPlace } from './head-crop.js';
import type { HeadInTile } from './match-heads.js';

/** The highest head keeps this share of its headroom. */
const LEAST_HEADROOM = 0.4;

/**
 * A head whose shot, in a tile of this size, holds all of these heads; that of nobody is in the middle of nowhere.
 * Each has as much room to the side as in a tile of its own, half of the height of `tile` wide at least.
 */
export function commonHead(heads: readonly Head[], tile: Size, framing: HeadFraming): Head {
  const headRatio = framing.headRatio ?? HEAD_FRAMING.headRatio;
  const headroomRatio = framing.headroomRatio ?? HEAD_FRAMING.headroomRatio;
  if (heads.length === 0) return { x: 0, eyesY: 0, height: tile.height };
  // Room to each side of a head: half of its tile, were there one for each.
  const share = tile.width / tile.height / heads.length / 2;
  const left = Math.min(...heads.map(({ x, height }) => x - (share * height) / headRatio));
  const right = Math.max(...heads.map(({ x, height }) => x + (share * height) / headRatio));
  const closest = Math.max(...heads.map(({ height }) => height)) / headRatio;
  const height = Math.max(closest, ((right - left) * tile.height) / tile.width);
  const eyes = heads.reduce((sum, { eyesY }) => sum + eyesY, 0) / heads.length;
  const crown = Math.min(...heads.map((head) => head.eyesY - head.height / 2));
  const eyesBelowTop = (headroomRatio + headRatio / 2) * height;
  return {
    x: (left + right) / 2,
    eyesY: Math.min(eyes, crown + eyesBelowTop - LEAST_HEADROOM * headroomRatio * height),
    height: headRatio * height,
  };
}

/** People who share a frame beside other tiles: the largest head stands for them, and is as large as their frame lets it be. */
export interface GroupInTile extends HeadInTile {
  /** The head whose shot holds them all. */
  readonly common: Head;
}

/**
 * What stands for the people of one tile, where heads of tiles are brought to one size.
 *
 * @param heads - at least one, pixels of the source
 * @param tile - the part of the output that they have together, pixels
 */
export function groupInTile(heads: readonly Head[], tile: Size, framing: HeadFraming): GroupInTile {
  const [only] = heads;
  if (only && heads.length === 1) return { head: only, tile, common: only };
  const common = commonHead(heads, tile, framing);
  const height = Math.max(...heads.map((head) => head.height));
  const mostRatio = ((framing.headRatio ?? HEAD_FRAMING.headRatio) * height) / common.height;
  return { head: { x: common.x, eyesY: common.eyesY, height }, tile, common, mostRatio };
}

/** The place of `common` in the tile where `head` has this place. */
export function placeOfCommon(place: HeadPlace, { head, common }: GroupInTile): HeadPlace {
  const { headRatio } = place;
  return headRatio === undefined ? place : { ...place, headRatio: (headRatio * common.height) / head.height };
}
