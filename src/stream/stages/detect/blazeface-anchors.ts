/** One map of anchors: `perCell` anchors in the middle of each cell of a square grid. */
export interface AnchorGrid {
  /** Cells along each side. */
  readonly cells: number;
  /** Anchors in each cell, ≥ 1. */
  readonly perCell: number;
}

/**
 * The anchors of BlazeFace's back-camera model: 512 on a 16×16 grid and 384 on 8×8.
 *
 * Source: MediaPipe `face_detection_back`, SSD anchors with strides 16, 32, 32, 32 (the three
 * maps of stride 32 lie on one grid) and two anchors for each.
 */
export const BLAZEFACE_GRIDS: readonly AnchorGrid[] = [
  { cells: 16, perCell: 2 },
  { cells: 8, perCell: 6 },
];

/**
 * The anchors of MediaPipe's full-range model: one in each cell of 48×48.
 *
 * Source: MediaPipe `face_detection_full_range_sparse`, SSD anchors of stride 4, interpolated ratio 0.
 */
export const FULL_RANGE_GRIDS: readonly AnchorGrid[] = [{ cells: 48, perCell: 1 }];

/** x, y of every anchor, as fractions of the input's side, row by row. */
export function anchorCenters({ cells, perCell }: AnchorGrid): Float32Array {
  const centers = new Float32Array(cells * cells * perCell * 2);
  let i = 0;
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      for (let anchor = 0; anchor < perCell; anchor++) {
        centers[i++] = (column + 0.5) / cells;
        centers[i++] = (row + 0.5) / cells;
      }
    }
  }
  return centers;
}
