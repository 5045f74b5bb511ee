import { area, intersectionArea, type Box, type Size } from '../../../shared/domain/box.js';
import type { Detection } from '../../../shared/domain/detection.js';

/** What detections of a person are like when nothing covers them. */
export interface UsualDetection {
  /** In [0, 1]. */
  readonly score: number;
  /** Width over height. */
  readonly aspect: number;
}

/** A crop of which a larger share is covered has quality 0. */
const MAX_COVER = 0.6;
/** Score over the usual score at which the quality is 0, and from which on it is not reduced. */
const SCORE_SHARES = [0.5, 0.9] as const;
/** The same for the aspect: a box that is narrower than usual is cut off or half covered. */
const ASPECT_SHARES = [0.6, 0.9] as const;
/** Width at which the quality is 0, pixels: too little detail to compare … */
const MIN_WIDTH_PX = 24;
/** … and from which on it is not reduced. */
const GOOD_WIDTH_PX = 48;
/** A box this near the picture's edge is cut off by it, pixels. */
const EDGE_PX = 2;
/** Highest quality of a crop that the edge cuts. */
const CUT_QUALITY = 0.4;

/**
 * How far a crop can be trusted to show one person and enough of them, from 0 (not at all) to 1, by
 * what is known without its pixels: covered by others, weaker or narrower than usual, small, cut off.
 *
 * @param others - boxes of the other detections, pixels; the detection's own may be among them
 * @param usual - `undefined` for a person of whom nothing is known yet: score and aspect do not count
 * @param picture - size of the source picture where it is known, pixels
 */
export function cropQuality(
  detection: Detection,
  others: readonly Box[],
  usual: UsualDetection | undefined,
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

/** A detection of less than these shares of the usual score or aspect may be half covered. */
const WHOLE_SCORE = 0.75;
const WHOLE_ASPECT = 0.8;

/**
 * Whether a detection is found as surely and as wide as is usual for the person: a hand or a microphone in front of a
 * face makes it weaker or narrower.
 *
 * @param usual - `undefined` for a person of whom nothing is known yet
 */
export const isWhole = ({ box, score }: Pick<Detection, 'box' | 'score'>, usual: UsualDetection | undefined): boolean =>
  !usual || (score >= WHOLE_SCORE * usual.score && box.width / box.height >= WHOLE_ASPECT * usual.aspect);

const ramp = (value: number, [from, to]: readonly [number, number]): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

const isCut = (box: Box, { width, height }: Size): boolean =>
  box.x < EDGE_PX || box.y < EDGE_PX || box.x + box.width > width - EDGE_PX || box.y + box.height > height - EDGE_PX;
