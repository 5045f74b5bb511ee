import type { Box, Size } from '../../../shared/domain/box.js';
import type { Mark } from '../../domain/composition-plan.js';
import { roundToEven } from './scene-geometry.js';

/** Space under a name plate, fraction of the tile's height: inside the safe area (EBU R 95). */
const FOOT_RATIO = 0.06;
/** A plate takes at most this share of the tile's height and width. */
const MAX_HEIGHT_RATIO = 0.11;
const MAX_WIDTH_RATIO = 0.86;
/** Opacity of a name plate, in [0, 1]: the picture stays visible behind it. */
export const PLATE_OPACITY = 0.86;

/**
 * Lines of `widthPx` (even) between tiles, which fill `frame` without a gap: along every left and upper edge
 * of a tile that is not the frame's own. All in output pixels.
 *
 * @param alpha - opacity of the lines, in [0, 1]
 * @param joined - for each tile, how far it shares a frame with the one on its left, in [0, 1]: so much less of the
 *   line between them is there
 * @param type - whether they have the colour of lines, or that of the background
 */
export function linesBetween(
  tiles: readonly Box[],
  frame: Box,
  widthPx: number,
  alpha: number,
  joined: readonly number[] = [],
  type: 'line' | 'background' = 'line',
): readonly Mark[] {
  if (widthPx === 0 || alpha === 0) return [];
  const lines = new Map<string, Mark>();
  const add = (line: Box, opacity: number): void => {
    const dest = clip(line, frame);
    if (dest.width <= 0 || dest.height <= 0 || opacity <= 0) return;
    lines.set(Object.values(dest).join(), { type, dest, alpha: opacity });
  };
  const half = halfOfLine(widthPx);
  tiles.forEach((tile, index) => {
    const { x, y, width, height } = clip(tile, frame);
    if (width <= 0 || height <= 0) return;
    if (tile.x > frame.x) add({ x: tile.x - half, y, width: widthPx, height }, alpha * (1 - (joined[index] ?? 0)));
    if (tile.y > frame.y) add({ x, y: tile.y - half, width, height: widthPx }, alpha);
  });
  return [...lines.values()];
}

/** How far a line of this width (even) begins before the edge that it is drawn along, output pixels, even. */
export const halfOfLine = (widthPx: number): number => roundToEven(widthPx / 2);

/** The box of a name plate: centred at the lower edge of the tile, scaled down in a tile that is too small for it. */
export function plateBox(plate: Size, tile: Box): Box {
  const scale = Math.min(
    1,
    (tile.height * MAX_HEIGHT_RATIO) / plate.height,
    (tile.width * MAX_WIDTH_RATIO) / plate.width,
  );
  const width = roundToEven(plate.width * scale);
  const height = roundToEven(plate.height * scale);
  return {
    x: tile.x + roundToEven((tile.width - width) / 2),
    y: tile.y + roundToEven(tile.height * (1 - FOOT_RATIO)) - height,
    width,
    height,
  };
}

/** A plate, and who it names. */
export interface PersonPlate {
  /** Output pixels. */
  readonly dest: Box;
  /** The person. */
  readonly trackId: number;
  /** Index of the tile; names that fade in and out in one tile lie on each other. */
  readonly tile: number;
}

/** Space between two plates, one over the other, output pixels. */
const STACK_GAP_PX = 6;

/**
 * Moves the plate of the younger track up where two would lie on each other, as people who share a frame pass, more
 * the nearer they are.
 */
export function stackPlates(plates: readonly PersonPlate[]): readonly Box[] {
  return plates.map(({ dest, trackId, tile }) => {
    const rise = plates
      .filter((other) => other.tile !== tile && other.trackId < trackId)
      .reduce((most, { dest: below }) => {
        const needed = (dest.width + below.width) / 2 + STACK_GAP_PX;
        const distance = Math.abs(dest.x + dest.width / 2 - below.x - below.width / 2);
        const share = Math.min(1, Math.max(0, (2 * (needed - distance)) / needed));
        return Math.max(most, share * share * (3 - 2 * share) * (below.height + STACK_GAP_PX));
      }, 0);
    return { ...dest, y: dest.y - roundToEven(rise) };
  });
}

/** What of `box` is inside of `edge`; of no width or height where there is nothing. */
export function clip(box: Box, edge: Box): Box {
  const x = Math.max(box.x, edge.x);
  const y = Math.max(box.y, edge.y);
  return {
    x,
    y,
    width: Math.min(box.x + box.width, edge.x + edge.width) - x,
    height: Math.min(box.y + box.height, edge.y + edge.height) - y,
  };
}
