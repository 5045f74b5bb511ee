import type { Box } from '../../../shared/domain/box.js';
import type { Mark, Radii } from '../../domain/composition-plan.js';
import { clip, halfOfLine, linesBetween } from './marks.js';

/** How the edges of tiles are drawn. */
export interface TileEdges {
  /** Width of the line between tiles, pixels, even. Higher is thicker, 0 is none. @defaultValue 0 */
  readonly borderPx?: number;
  /** Width of the background around and between tiles, pixels, even. Higher is wider, 0 is none. @defaultValue 0 */
  readonly marginPx?: number;
  /** Radius of the corners of tiles, pixels. Higher is rounder, 0 is square. @defaultValue 0 */
  readonly cornerPx?: number;
}

/**
 * Background and lines between tiles, background around `frame` where a tile moves over its edge, and round corners:
 * what hides parts of tiles that fill `frame` without a gap, so that nothing moves where edges come and go.
 *
 * @param joined - for each tile, how far it shares a frame with the one on its left, in [0, 1]
 * @param scene - how far the tiles are one picture, in [0, 1]: then `frame` is that of the scene
 */
export function edgesOf(
  tiles: readonly Box[],
  frame: Box,
  { borderPx = 0, marginPx = 0, cornerPx = 0 }: TileEdges,
  joined: readonly number[],
  scene: number,
): readonly Mark[] {
  const gap = Math.max(borderPx, marginPx);
  const between = marginPx > borderPx ? linesBetween(tiles, frame, gap, 1 - scene, joined, 'background') : [];
  return [
    ...between,
    ...(marginPx > 0 ? hiddenParts(tiles, frame) : []),
    ...linesBetween(tiles, frame, borderPx, 1 - scene, joined),
    ...(cornerPx > 0
      ? tiles.flatMap((_, index) => cornersOf(index, tiles, frame, { gap, cornerPx }, joined, scene))
      : []),
  ];
}

/** What of tiles lies beside `frame`: they come and go behind the margin. */
function hiddenParts(tiles: readonly Box[], frame: Box): readonly Mark[] {
  return tiles.flatMap((tile) => {
    const parts = [
      { ...tile, width: frame.x - tile.x },
      { ...tile, x: frame.x + frame.width, width: tile.x + tile.width - frame.x - frame.width },
      { ...tile, height: frame.y - tile.y },
      { ...tile, y: frame.y + frame.height, height: tile.y + tile.height - frame.y - frame.height },
    ];
    return parts
      .filter(({ width, height }) => width > 0 && height > 0)
      .map((dest): Mark => ({ type: 'background', dest, alpha: 1 }));
  });
}

/** The round corners of one tile; where it is joined to another one, there is less of them. */
function cornersOf(
  index: number,
  tiles: readonly Box[],
  frame: Box,
  { gap, cornerPx }: { readonly gap: number; readonly cornerPx: number },
  joined: readonly number[],
  scene: number,
): readonly Mark[] {
  const tile = tiles[index]!;
  const right = tile.x + tile.width;
  const neighbour = tiles.findIndex(
    ({ x, y, height }) => x === right && y < tile.y + tile.height && tile.y < y + height,
  );
  const isInner = {
    left: tile.x > frame.x,
    right: right < frame.x + frame.width,
    top: tile.y > frame.y,
    bottom: tile.y + tile.height < frame.y + frame.height,
  };
  const inset = (isInside: boolean, px: number): number => (isInside ? px : 0);
  const [before, after] = [gap - halfOfLine(gap), halfOfLine(gap)];
  const window = {
    x: tile.x + inset(isInner.left, before),
    y: tile.y + inset(isInner.top, before),
    width: tile.width - inset(isInner.left, before) - inset(isInner.right, after),
    height: tile.height - inset(isInner.top, before) - inset(isInner.bottom, after),
  };
  const dest = clip(window, frame);
  if (dest.width <= 0 || dest.height <= 0) return [];
  const left = isInner.left ? Math.max(scene, joined[index] ?? 0) : 0;
  const rightward = isInner.right ? Math.max(scene, joined[neighbour] ?? 0) : 0;
  const [top, bottom] = [isInner.top ? scene : 0, isInner.bottom ? scene : 0];
  const radius = (a: number, b: number): number => Math.round(cornerPx * (1 - Math.max(a, b)));
  const radii: Radii = [radius(left, top), radius(rightward, top), radius(left, bottom), radius(rightward, bottom)];
  return radii.some((each) => each > 0) ? [{ type: 'corners', dest, radii, alpha: 1 }] : [];
}
