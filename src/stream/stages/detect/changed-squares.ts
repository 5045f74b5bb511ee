import type { Box } from '../../../shared/domain/box.js';
import type { LumaSketch } from '../../../shared/domain/detection.js';

/** A picture, small. */
export interface SmallPicture {
  /** The mean brightness of each square of the picture, which has little of the noise of its pixels. */
  readonly sketch: LumaSketch;
  /** Side of such a square, pixels of the picture. */
  readonly step: number;
}

/**
 * What brightness of a square (of 255) has to differ by, at least and at most, to have changed; in between, so many times
 * what half of the squares differ by: noise, compression and lamps that flicker change them all.
 */
const LEAST_CHANGE = 8;
const MOST_CHANGE = 24;
const CHANGE_PER_NOISE = 6;
/** Medians are whole numbers. */
const HALF = 0.5;
/** By so much all of the picture becomes brighter or darker without a change: lamps flicker, and cameras adapt. */
const MOST_BRIGHTER = 32;
/** So many squares tell how much all of them differ. */
const SAMPLES = 2000;
/** Values of a difference. */
const DIFFERENCES = 511;
const ZERO = 255;
/** Body and arms of somebody are within so many widths of the face's box from its middle, and below its top. */
const BODY_WIDTHS = 2.25;

/** Squares that have to change for a newcomer: fewer than a face of 60 pixels at 1920×1080 that comes or turns. */
export const NEWCOMER_SQUARES = 6;

/** What is left out of a comparison, for each square: 1 where people are. */
export type PeopleMask = Uint8Array<ArrayBuffer>;

/** By so much noise may become more from one comparison to the next: noise stays, a cut does not. */
const NOISE_RISE = 0.25;

/** How noisy the pictures of a camera usually are: a picture that all at once differs everywhere is another one. */
export class UsualNoise {
  #level = Number.POSITIVE_INFINITY;

  /**
   * Takes part in a comparison.
   *
   * @param measured - what half of the squares differ by, levels of brightness, ≥ 0
   * @returns what of it is noise
   */
  of(measured: number): number {
    this.#level = Math.min(measured, this.#level + NOISE_RISE);
    return this.#level;
  }
}

/** What is compared, and how. */
export interface ComparisonOptions {
  /** Squares that do not count. @defaultValue none */
  readonly mask?: PeopleMask;
  /** Counting may end here. @defaultValue it does not */
  readonly most?: number;
  /** Changes of less than so many times what else counts are left out. @defaultValue 1 */
  readonly strength?: number;
  /** Of the pictures of this camera that were compared before. @defaultValue these two tell alone */
  readonly usual?: UsualNoise;
  /** Squares that are as here again have not changed. @defaultValue nothing is known of them */
  readonly backdrop?: Backdrop;
}

/** How each square was when nobody known was before it, [0, 255]; {@link UNKNOWN_SQUARE} where that was never seen. */
export type Backdrop = Int16Array<ArrayBuffer>;

/** Of a square of a backdrop; differs from every brightness by more than any change. */
export const UNKNOWN_SQUARE = -1000;

/**
 * How many squares of a region have changed between two pictures of one size: by more than noise, and otherwise than
 * the picture as a whole, which lamps and the camera's exposure make brighter or darker.
 */
export function changedSquares(
  { sketch: { luma, columns }, step }: SmallPicture,
  before: LumaSketch,
  region: Box,
  { mask, most = Number.POSITIVE_INFINITY, strength = 1, usual, backdrop }: ComparisonOptions = {},
): number {
  const { brighter, noise } = ordinaryChange(luma, before.luma);
  const leastChange = Math.max(LEAST_CHANGE, CHANGE_PER_NOISE * ((usual?.of(noise) ?? noise) + HALF));
  const limit = Math.min(MOST_CHANGE, leastChange * strength);
  const [left, right] = span(region.x, region.x + region.width, { step, count: columns });
  const [top, bottom] = span(region.y, region.y + region.height, { step, count: luma.length / columns });
  let changed = 0;
  for (let row = top; row < bottom && changed < most; row += 1) {
    for (let at = row * columns + left; at < row * columns + right; at += 1) {
      if (mask?.[at] === 1 || Math.abs(luma[at]! - before.luma[at]! - brighter) <= limit) continue;
      if (backdrop === undefined || Math.abs(luma[at]! - backdrop[at]!) > limit) changed += 1;
    }
  }
  return changed;
}

/** Whether as many squares of a region have changed as somebody who comes or turns changes. */
export function showsNewcomer(
  picture: SmallPicture,
  before: LumaSketch,
  region: Box,
  options: Pick<ComparisonOptions, 'mask' | 'usual' | 'backdrop'>,
): boolean {
  return changedSquares(picture, before, region, { ...options, most: NEWCOMER_SQUARES }) >= NEWCOMER_SQUARES;
}

/** By how much the picture as a whole became brighter, and by how much more or less half of the squares differ. */
function ordinaryChange(luma: Uint8Array, before: Uint8Array) {
  const stride = Math.max(1, Math.floor(luma.length / SAMPLES));
  const counts = new Uint16Array(DIFFERENCES);
  for (let at = 0; at < luma.length; at += stride) counts[luma[at]! - before[at]! + ZERO]! += 1;
  const samples = Math.ceil(luma.length / stride);
  let middle = -ZERO;
  for (let below = counts[0]!; below <= samples / 2 && middle < ZERO; below += counts[middle + ZERO]!) middle += 1;
  const brighter = Math.max(-MOST_BRIGHTER, Math.min(MOST_BRIGHTER, middle));
  const near = (distance: number): number =>
    (counts[brighter - distance + ZERO] ?? 0) + (distance > 0 ? (counts[brighter + distance + ZERO] ?? 0) : 0);
  let noise = 0;
  for (let within = near(0); within <= samples / 2 && noise < DIFFERENCES; within += near(noise)) noise += 1;
  return { brighter, noise };
}

/** Marks where people are, by the boxes of their faces: they move all the time. */
export function peopleMask({ sketch: { luma, columns }, step }: SmallPicture, faces: readonly Box[]): PeopleMask {
  const mask = new Uint8Array(luma.length);
  for (const { x, y, width } of faces) {
    const middle = x + width / 2;
    const [left, right] = span(middle - BODY_WIDTHS * width, middle + BODY_WIDTHS * width, { step, count: columns });
    const [top, bottom] = span(y - width / 2, Number.POSITIVE_INFINITY, { step, count: luma.length / columns });
    for (let row = top; row < bottom; row += 1) mask.fill(1, row * columns + left, row * columns + right);
  }
  return mask;
}

/** First square and the one behind the last, of `count` in a row or column, between two places in pixels. */
function span(from: number, to: number, { step, count }: { readonly step: number; readonly count: number }) {
  const within = (square: number): number => Math.max(0, Math.min(count, square));
  return [within(Math.floor(from / step)), within(Math.ceil(to / step))] as const;
}
