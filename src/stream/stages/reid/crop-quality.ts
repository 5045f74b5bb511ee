import { area, intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';

/** What is usual for a person when nothing is in the way. */
export interface UsualLook {
  readonly score: number;
  /** Width over height. */
  readonly aspect: number;
}

/** Share of a crop that may be covered before it is worthless. */
const MAX_COVER = 0.6;
/** Score, against the usual one, at which a crop is worthless and at which it is as good as usual. */
const SCORE_SHARES = [0.5, 0.9] as const;
/** The same for the aspect of a box that is narrower than usual: cut off or half covered. */
const ASPECT_SHARES = [0.6, 0.9] as const;
/** A face smaller than this has nothing to compare, pixels of width … */
const MIN_WIDTH_PX = 24;
/** … and from here on there is enough. */
const GOOD_WIDTH_PX = 48;
/** A box this near the picture's edge is cut off by it, pixels. */
const EDGE_PX = 2;
/** What is left of the quality of a crop that the edge cuts. */
const CUT_QUALITY = 0.4;

/**
 * How far a crop can be trusted to show one person and enough of them, from 0 (not at all) to 1, by
 * what is known without a pixel: covered by others, weaker or narrower than usual, small, cut off.
 *
 * @param picture size of the source picture where it is known
 */
export function cropQuality(
  detection: Detection,
  others: readonly Box[],
  usual: UsualLook | undefined,
  picture?: Size,
): number {
  const { box, score } = detection;
  let cover = 0;
  for (const other of others) {
    if (other !== box) cover = Math.max(cover, intersectionArea(box, other) / Math.max(1, area(box)));
  }
  let quality = Math.max(0, 1 - cover / MAX_COVER) * ramp(box.width, [MIN_WIDTH_PX, GOOD_WIDTH_PX]);
  if (usual) {
    quality *= ramp(score / usual.score, SCORE_SHARES);
    quality *= ramp(box.width / box.height / usual.aspect, ASPECT_SHARES);
  }
  return picture && isCut(box, picture) ? Math.min(quality, CUT_QUALITY) : quality;
}

const ramp = (value: number, [from, to]: readonly [number, number]): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

const isCut = (box: Box, { width, height }: Size): boolean =>
  box.x < EDGE_PX || box.y < EDGE_PX || box.x + box.width > width - EDGE_PX || box.y + box.height > height - EDGE_PX;
