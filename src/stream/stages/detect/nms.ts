import { area } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';

/** Which detections are the same subject. */
export interface NmsOptions {
  /**
   * Of two detections with a higher IoU the one of lower score is dropped, in [0, 1]. Higher keeps people who are
   * close apart, lower removes more duplicates.
   */
  readonly iouThreshold: number;
  /**
   * Also drops the one of lower score where more than this share of the smaller one is covered, in (0, 1]. For
   * detections of several crops, where a crop's edge leaves half a face. @defaultValue off
   */
  readonly containmentThreshold?: number;
  /** At most this many detections are kept, those of the highest scores. @defaultValue 300 */
  readonly maxCount?: number;
}

/** Only this many of the highest scores are compared, so that a threshold of 0 is quick as well. */
const MAX_CANDIDATES = 1000;

/** Of a kept detection: left, top, right, bottom, area and kind. */
const KEPT_VALUES = 6;

/**
 * Greedy non-maximum suppression: highest score first, kinds apart (a face is inside its person).
 * The result is ordered by falling score; equal scores keep their order.
 */
export function suppressNonMaxima(detections: readonly Detection[], options: NmsOptions): Detection[] {
  const { iouThreshold, containmentThreshold = Infinity, maxCount = 300 } = options;
  const candidates = [...detections].sort((a, b) => b.score - a.score);
  const count = Math.min(candidates.length, MAX_CANDIDATES);
  const kept: Detection[] = [];
  // Flat, because each of hundreds is compared with each that is kept.
  const edges = new Float64Array(Math.min(count, maxCount) * KEPT_VALUES);
  for (let i = 0; i < count && kept.length < maxCount; i += 1) {
    const candidate = candidates[i]!;
    const end = kept.length * KEPT_VALUES;
    if (isRepeat(candidate, edges, end, iouThreshold, containmentThreshold)) continue;
    write(edges, end, candidate);
    kept.push(candidate);
  }
  return kept;
}

/** Whether one of the kept detections, in `edges` up to `end`, shows the same subject. */
function isRepeat(
  { box, kind }: Detection,
  edges: Float64Array,
  end: number,
  iouThreshold: number,
  containmentThreshold: number,
): boolean {
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const size = area(box);
  const kindNumber = numberOf(kind);
  for (let at = 0; at < end; at += KEPT_VALUES) {
    const width = Math.min(edges[at + 2]!, right) - Math.max(edges[at]!, box.x);
    if (!(width > 0)) continue;
    const height = Math.min(edges[at + 3]!, bottom) - Math.max(edges[at + 1]!, box.y);
    if (!(height > 0) || edges[at + 5] !== kindNumber) continue;
    const shared = width * height;
    const other = edges[at + 4]!;
    if (shared / (other + size - shared) > iouThreshold) return true;
    if (shared / Math.min(other, size) > containmentThreshold) return true;
  }
  return false;
}

function write(edges: Float64Array, at: number, { box, kind }: Detection): void {
  edges[at] = box.x;
  edges[at + 1] = box.y;
  edges[at + 2] = box.x + box.width;
  edges[at + 3] = box.y + box.height;
  edges[at + 4] = area(box);
  edges[at + 5] = numberOf(kind);
}

const numberOf = (kind: Detection['kind']): number => (kind === 'face' ? 0 : 1);
