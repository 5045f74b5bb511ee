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
 */
export function linesBetween(tiles: readonly Box[], frame: Box, widthPx: number, alpha: number): readonly Mark[] {
  if (widthPx === 0 || alpha === 0) return [];
  const lines = new Map<string, Box>();
  const add = (line: Box): void => {
    const dest = clip(line, frame);
    if (dest.width > 0 && dest.height > 0) lines.set(Object.values(dest).join(), dest);
  };
  const half = roundToEven(widthPx / 2);
  for (const tile of tiles) {
    const { x, y, width, height } = clip(tile, frame);
    if (width <= 0 || height <= 0) continue;
    if (tile.x > frame.x) add({ x: tile.x - half, y, width: widthPx, height });
    if (tile.y > frame.y) add({ x, y: tile.y - half, width, height: widthPx });
  }
  return [...lines.values()].map((dest) => ({ type: 'line', dest, alpha }));
}

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

function clip(box: Box, edge: Box): Box {
  const x = Math.max(box.x, edge.x);
  const y = Math.max(box.y, edge.y);
  return {
    x,
    y,
    width: Math.min(box.x + box.width, edge.x + edge.width) - x,
    height: Math.min(box.y + box.height, edge.y + edge.height) - y,
  };
}
