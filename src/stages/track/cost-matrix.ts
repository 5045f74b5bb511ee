import type { Box } from '#domain/box.js';
import type { BoxKalmanFilter } from '#domain/box-kalman-filter.js';
import type { Detection } from '#domain/detection.js';

/**
 * The published tracker measures overlap on whole pixels with both ends counted, so every side is
 * one pixel longer. It matters for small boxes near a threshold, and parity hangs on it.
 */
const INCLUSIVE_PX = 1;

interface Filtered {
  readonly filter: BoxKalmanFilter;
}

/** Costs of all track–detection pairs, in one buffer that is kept between frames. */
export class CostMatrix {
  #costs = new Float64Array(64);
  /** Left, top, right, bottom of each detection. */
  #edges = new Float64Array(64);

  /**
   * @param indices which of `detections` are the columns
   * @param fuseScore weigh the overlap with the detection's score, as ByteTrack's first stage does
   * @returns row-major costs 1 − IoU (× score), valid until the next call
   */
  fill(
    tracks: readonly Filtered[],
    indices: readonly number[],
    detections: readonly Detection[],
    fuseScore: boolean,
  ): Float64Array {
    const columns = indices.length;
    if (this.#costs.length < tracks.length * columns) {
      this.#costs = new Float64Array(2 * tracks.length * columns);
    }
    if (this.#edges.length < 5 * columns) this.#edges = new Float64Array(10 * columns);
    const costs = this.#costs;
    const edges = this.#edges;
    for (let column = 0; column < columns; column += 1) {
      const { box, score } = detections[indices[column]!]!;
      const at = 5 * column;
      edges[at] = box.x;
      edges[at + 1] = box.y;
      edges[at + 2] = box.x + box.width + INCLUSIVE_PX;
      edges[at + 3] = box.y + box.height + INCLUSIVE_PX;
      edges[at + 4] = fuseScore ? score : 1;
    }
    for (let row = 0; row < tracks.length; row += 1) {
      const box = tracks[row]!.filter.box();
      const right = box.x + box.width + INCLUSIVE_PX;
      const bottom = box.y + box.height + INCLUSIVE_PX;
      const size = (right - box.x) * (bottom - box.y);
      const base = row * columns;
      for (let column = 0; column < columns; column += 1) {
        const at = 5 * column;
        const width = Math.min(right, edges[at + 2]!) - Math.max(box.x, edges[at]!);
        const height = Math.min(bottom, edges[at + 3]!) - Math.max(box.y, edges[at + 1]!);
        if (width <= 0 || height <= 0) {
          costs[base + column] = 1;
          continue;
        }
        const shared = width * height;
        const other = (edges[at + 2]! - edges[at]!) * (edges[at + 3]! - edges[at + 1]!);
        costs[base + column] = 1 - (shared / (size + other - shared)) * edges[at + 4]!;
      }
    }
    return costs;
  }
}

/** 1 − IoU of two boxes, measured as {@link CostMatrix} does. */
export function overlapCost(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) + INCLUSIVE_PX;
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) + INCLUSIVE_PX;
  if (width <= 0 || height <= 0) return 1;
  const shared = width * height;
  return 1 - shared / (inclusiveArea(a) + inclusiveArea(b) - shared);
}

const inclusiveArea = (box: Box): number => (box.width + INCLUSIVE_PX) * (box.height + INCLUSIVE_PX);
