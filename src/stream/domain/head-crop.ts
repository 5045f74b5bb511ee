import type { Box, Size } from '../../shared/domain/box.js';
import type { Head } from './head.js';

/** How a head lies in its tile. */
export interface HeadFraming {
  /**
   * Space above the hair, fraction of the tile's height, 0 … 0.4. Higher puts the head lower in the tile, lower
   * puts it nearer to the upper edge. @defaultValue 0.12
   */
  readonly headroomRatio?: number;
  /**
   * Height of the head, fraction of the tile's height, 0.1 … 0.8. Higher is a closer shot, lower a wider one.
   * @defaultValue 0.38
   */
  readonly headRatio?: number;
  /**
   * Output pixels per source pixel at most, ≥ 1; limits `headRatio`. Higher shows distant people larger and less
   * sharp, lower makes their shots wider. @defaultValue 3
   */
  readonly maxZoom?: number;
}

/** Values of {@link HeadFraming} that are not given. */
export const HEAD_FRAMING = { headroomRatio: 0.12, headRatio: 0.38, maxZoom: 3 };

/** Where a head lies in its tile, where that is not as {@link HeadFraming} has it. */
export interface HeadPlace {
  /** Height of the head, fraction of the tile's height. @defaultValue that of the framing */
  readonly headRatio?: number;
  /** The eyes lie lower than usual by this fraction of the tile's height; negative is higher. @defaultValue 0 */
  readonly eyesShift?: number;
  /**
   * The tile is to the right of the head's middle by this fraction of its width, so that there is room in front of
   * somebody who looks or walks to the right; negative is to the left. @defaultValue 0
   */
  readonly look?: number;
}

/** Lowest position of the eyes, fraction of the height; in a close-up the hair is cut instead. */
export const LOWEST_EYES_RATIO = 0.45;
/** A shot slows down over this share of its size before it stops at the edge of the picture. */
const EDGE_KNEE_RATIO = 0.08;

/**
 * The part of the picture that a tile of this size shows of a person, pixels with fractions: head and shoulders, the
 * eyes near the upper third, space above the hair; of exactly the tile's aspect, inside the picture (shifted first,
 * then shrunk), enlarged by at most `maxZoom` unless the picture itself is too small for that.
 *
 * @param tile - output pixels
 * @param picture - size of the source picture
 */
export function cropOfHead(
  head: Head,
  tile: Size,
  picture: Size,
  framing: HeadFraming = {},
  { headRatio = framing.headRatio ?? HEAD_FRAMING.headRatio, eyesShift = 0, look = 0 }: HeadPlace = {},
): Box {
  const wanted = Math.max(head.height / headRatio, tile.height / (framing.maxZoom ?? HEAD_FRAMING.maxZoom));
  const height = Math.min(wanted, mostHeight(tile, picture));
  const width = (height * tile.width) / tile.height;
  const eyesRatio = usualEyesRatio(head.height / height, framing) + eyesShift;
  return {
    x: softClamp(head.x + (look - 1 / 2) * width, picture.width - width, EDGE_KNEE_RATIO * width),
    y: softClamp(head.eyesY - eyesRatio * height, picture.height - height, EDGE_KNEE_RATIO * height),
    width,
    height,
  };
}

/** Height of the largest part of the picture with the aspect of this tile, pixels of the source. */
export const mostHeight = (tile: Size, picture: Size): number =>
  Math.min(picture.height, (picture.width * tile.height) / tile.width);

/** How low the eyes lie in a tile: as configured, lower where a large head needs its headroom; fraction of the height. */
export function usualEyesRatio(headRatio: number, framing: HeadFraming): number {
  const headroomRatio = framing.headroomRatio ?? HEAD_FRAMING.headroomRatio;
  const usual = headroomRatio + (framing.headRatio ?? HEAD_FRAMING.headRatio) / 2;
  return Math.max(usual, Math.min(headroomRatio + headRatio / 2, LOWEST_EYES_RATIO));
}

/** Keeps `value` in [0, most], with a smooth bend within `knee` of either end. */
function softClamp(value: number, most: number, knee: number): number {
  const range = Math.max(0, most);
  const bend = Math.min(knee, range / 2);
  const fromLow = softFloor(value, bend);
  return range - softFloor(range - fromLow, bend);
}

/** max(0, value), smoothed by a parabola within `bend` of 0. */
function softFloor(value: number, bend: number): number {
  if (value >= bend) return value;
  if (value <= -bend) return 0;
  return (value + bend) ** 2 / (4 * bend);
}
