import { area, intersectionArea } from '#domain/box.js';
import type { Detection } from '#domain/detection.js';

export interface NmsOptions {
  /** Of two finds that overlap by more than this IoU, the weaker is dropped; in [0, 1]. */
  readonly iouThreshold: number;
  /**
   * Also drops the weaker of two finds where this part of the smaller one is shared; in (0, 1].
   * For finds of several crops, where a crop's edge leaves half a face. @defaultValue off
   */
  readonly containmentThreshold?: number;
  /** At most this many finds are kept, strongest first. @defaultValue 300 */
  readonly maxCount?: number;
}

/** Only this many of the strongest finds are compared, so that a threshold of 0 stays quick. */
const MAX_CANDIDATES = 1000;

/**
 * Greedy non-maximum suppression: strongest first, kinds apart (a face lies inside its person).
 * The result is ordered by falling score; equal scores keep their order.
 */
export function suppressNonMaxima(detections: readonly Detection[], options: NmsOptions): Detection[] {
  const { iouThreshold, containmentThreshold = Infinity, maxCount = 300 } = options;
  const candidates = [...detections].sort((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  const kept: Detection[] = [];
  for (const candidate of candidates) {
    if (kept.length >= maxCount) break;
    const isRepeat = kept.some((better) => {
      if (better.kind !== candidate.kind) return false;
      const shared = intersectionArea(better.box, candidate.box);
      if (shared === 0) return false;
      const areas = [area(better.box), area(candidate.box)] as const;
      return (
        shared / (areas[0] + areas[1] - shared) > iouThreshold || shared / Math.min(...areas) > containmentThreshold
      );
    });
    if (!isRepeat) kept.push(candidate);
  }
  return kept;
}
