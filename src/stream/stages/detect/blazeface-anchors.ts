import type { Size } from '../../../shared/domain/box.js';

/** One map of anchors: `perCell` anchors in the middle of each cell of a grid over the input. */
export interface AnchorGrid {
  /** Side of a cell, pixels of the input. */
  readonly stride: number;
  /** Anchors in each cell, ≥ 1. */
  readonly perCell: number;
}

/** Anchors of MediaPipe's models, and the size of input that they are published for. */
export interface AnchorGrids {
  /** In the order of the outputs. */
  readonly grids: readonly AnchorGrid[];
  /** Pixels. */
  readonly input: Size;
}

/**
 * The anchors of BlazeFace's back-camera model: at 256×256 512 on a 16×16 grid and 384 on 8×8.
 *
 * Source: MediaPipe `face_detection_back`, SSD anchors with strides 16, 32, 32, 32 (the three
 * maps of stride 32 lie on one grid) and two anchors for each.
 */
export const BLAZEFACE: AnchorGrids = {
  grids: [
    { stride: 16, perCell: 2 },
    { stride: 32, perCell: 6 },
  ],
  input: { width: 256, height: 256 },
};

/**
 * The anchors of MediaPipe's full-range model: one in each cell of 48×48.
 *
 * Source: MediaPipe `face_detection_full_range_sparse`, SSD anchors of stride 4, interpolated ratio 0.
 */
export const FULL_RANGE: AnchorGrids = { grids: [{ stride: 4, perCell: 1 }], input: { width: 192, height: 192 } };

/** x, y of every anchor, as fractions of the input's sides, row by row. */
export function anchorCenters({ stride, perCell }: AnchorGrid, input: Size): Float32Array {
  const columns = Math.floor(input.width / stride);
  const rows = Math.floor(input.height / stride);
  const centers = new Float32Array(columns * rows * perCell * 2);
  let i = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let anchor = 0; anchor < perCell; anchor++) {
        centers[i++] = (column + 0.5) / columns;
        centers[i++] = (row + 0.5) / rows;
      }
    }
  }
  return centers;
}
