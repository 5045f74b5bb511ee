import { center, type Box } from '../../../shared/domain/box.js';
import type { BoxKalmanFilter } from '../../domain/box-kalman-filter.js';
import type { Detection } from '../../../shared/domain/detection.js';

/**
 * The published tracker measures overlap in whole pixels with both ends counted, so every side is
 * one pixel longer. It matters for small boxes near a threshold, and for equal results.
 */
const INCLUSIVE_PX = 1;

interface Filtered {
  readonly filter: BoxKalmanFilter;
}

/** Weights of the parts of the combined cost, ≥ 0; only their ratios matter. Raising one makes it decide more. */
export interface CombinedWeights {
  /** Of 1 − IoU. @defaultValue 1 */
  readonly overlap: number;
  /** Of the distance of the centres, which is 1 at the largest distance that the track can reach. @defaultValue 2 */
  readonly distance: number;
  /** Of the change of size, which is 1 at twice or half the height. @defaultValue 1 */
  readonly size: number;
}

const DEFAULT_WEIGHTS: CombinedWeights = { overlap: 1, distance: 2, size: 1 };
/** A track reaches as far as this many standard deviations of its prediction … */
const REACH_STDS = 4;
/** … but no farther than this many of its own sizes. */
const MAX_REACH_SIZES = 2;

/** Costs of all pairs of track and detection, in one buffer that is kept between frames. */
export class CostMatrix {
  #costs = new Float64Array(64);
  /** Left, top, right, bottom and weight of each detection. */
  #edges = new Float64Array(80);

  /**
   * 1 − IoU, or 1 − IoU × score as ByteTrack's first stage has it.
   *
   * @param indices - which of `detections` are the columns
   * @param fuseScore - whether IoU is multiplied by the score
   * @returns row-major (tracks × detections), valid until the next call
   */
  overlap(
    tracks: readonly Filtered[],
    indices: readonly number[],
    detections: readonly Detection[],
    fuseScore: boolean,
  ): Float64Array {
    const columns = indices.length;
    this.#reserve(tracks.length, columns);
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

  /**
   * Weighted mean of 1 − IoU, distance and change of size, each in [0, 1]; +Infinity where the detection is
   * too far away or too different in size.
   *
   * @param indices - which of `detections` are the columns
   * @returns row-major (tracks × detections), valid until the next call
   */
  combined(
    tracks: readonly Filtered[],
    indices: readonly number[],
    detections: readonly Detection[],
    weights: CombinedWeights = DEFAULT_WEIGHTS,
  ): Float64Array {
    const columns = indices.length;
    this.#reserve(tracks.length, columns);
    const total = weights.overlap + weights.distance + weights.size;
    for (const [row, { filter }] of tracks.entries()) {
      const box = filter.box();
      const from = center(box);
      const reach = Math.min(REACH_STDS * filter.innovationStd(), (MAX_REACH_SIZES * (box.width + box.height)) / 2);
      for (const [column, index] of indices.entries()) {
        const detected = detections[index]!.box;
        const to = center(detected);
        const distance = Math.hypot(to.x - from.x, to.y - from.y) / reach;
        const size = Math.abs(Math.log2(detected.height / box.height));
        this.#costs[row * columns + column] =
          distance > 1 || size > 1
            ? Infinity
            : (weights.overlap * overlapCost(box, detected) + weights.distance * distance + weights.size * size) /
              total;
      }
    }
    return this.#costs;
  }

  #reserve(rows: number, columns: number): void {
    if (this.#costs.length < rows * columns) this.#costs = new Float64Array(2 * rows * columns);
    if (this.#edges.length < 5 * columns) this.#edges = new Float64Array(10 * columns);
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
