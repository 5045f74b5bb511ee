import type { Size } from '../../shared/domain/box.js';
import type { Head } from './head.js';
import {
  cropOfHead,
  HEAD_FRAMING,
  LOWEST_EYES_RATIO,
  mostHeight,
  usualEyesRatio,
  type HeadFraming,
  type HeadPlace,
} from './head-crop.js';

/** A head and the tile that shows it. */
export interface HeadInTile {
  /** Pixels of the source. */
  readonly head: Head;
  /** Output pixels. */
  readonly tile: Size;
  /** Largest height that the head may have, fraction of the tile's height. @defaultValue no limit */
  readonly mostRatio?: number;
}

/** Heads become smaller, or larger, than configured by these factors at most, so that all are of one size. */
const LEAST_SIZE = 0.6;
const MOST_SIZE = 1.25;
/** A head that fills the picture is shown closer by this factor at most, for the headroom that is wanted. */
const MOST_CLOSER = 1.2;
/** Eyes go up by this share of the headroom at most, and down by this fraction of the tile's height. */
const MOST_UP_HEADROOMS = 0.6;
const MOST_DOWN = 0.08;

/**
 * Where heads lie in tiles side by side so that they are of equal size and their eyes at equal height, as far as the
 * resolution (`maxZoom`) and the edges of the picture allow: a head that cannot be shown larger makes the others
 * smaller, one that cannot be shown smaller makes them larger, and the same with the height of the eyes.
 *
 * @returns a place for each, in their order; continuous in all that is given
 */
export function matchHeads(
  heads: readonly HeadInTile[],
  picture: Size,
  framing: HeadFraming = {},
): readonly HeadPlace[] {
  const ratio = commonRatio(heads, picture, framing);
  const looks = heads.map(({ head, tile, mostRatio = ratio }) => {
    const headRatio = Math.min(ratio, mostRatio);
    const crop = cropOfHead(head, tile, picture, framing, { headRatio });
    return { usual: usualEyesRatio(head.height / crop.height, framing), crop, headRatio };
  });
  const wanted = Math.max(...looks.map(({ usual }) => usual));
  // How far the edges of the picture put the eyes away from there.
  const off = heads.map(({ head, tile }, index) => {
    const { usual, crop, headRatio } = looks[index]!;
    const eyesShift = wanted - usual;
    const { y, height } = eyesShift === 0 ? crop : cropOfHead(head, tile, picture, framing, { headRatio, eyesShift });
    return (head.eyesY - y) / height - wanted;
  });
  const up = MOST_UP_HEADROOMS * (framing.headroomRatio ?? HEAD_FRAMING.headroomRatio);
  const common = Math.max(-up, Math.min(0, ...off)) + Math.min(MOST_DOWN, Math.max(0, ...off));
  return looks.map(({ usual, headRatio }, index) => ({
    headRatio,
    eyesShift: wanted - usual + common - off[index]!,
  }));
}

/** The height of all heads, as a fraction of their tiles'. */
function commonRatio(heads: readonly HeadInTile[], picture: Size, framing: HeadFraming): number {
  const usual = framing.headRatio ?? HEAD_FRAMING.headRatio;
  const maxZoom = framing.maxZoom ?? HEAD_FRAMING.maxZoom;
  const sharp = Math.min(
    ...heads.map(({ head, tile, mostRatio = Infinity }) => Math.min(mostRatio, (head.height * maxZoom) / tile.height)),
  );
  const small = Math.min(usual, Math.max(sharp, LEAST_SIZE * usual));
  const full = heads.map(({ head, tile }) => head.height / mostHeight(tile, picture));
  const smallest = Math.max(...full);
  if (smallest <= usual) return small;
  const withHeadroom = Math.max(
    ...heads.map((one, index) => full[index]! * closer(one, full[index]!, picture, framing)),
  );
  // Nobody is shown closer for their headroom where the others cannot be.
  return Math.max(small, Math.min(withHeadroom, MOST_SIZE * usual, Math.max(sharp, smallest)));
}

/**
 * A head that fills the picture and is too low in it for its headroom is shown closer by this factor, ≥ 1.
 *
 * @param full - its height where its tile shows as much of the picture as there is, fraction of the tile's height
 */
function closer({ head }: HeadInTile, full: number, picture: Size, framing: HeadFraming): number {
  const usual = framing.headRatio ?? HEAD_FRAMING.headRatio;
  const headroomRatio = framing.headroomRatio ?? HEAD_FRAMING.headroomRatio;
  if (full <= usual) return 1;
  // The height of a crop that ends with the picture, and has the headroom, or the lowest eyes.
  const crown = head.eyesY - head.height / 2;
  const byHeadroom = (picture.height - crown) / (1 - headroomRatio);
  const byEyes = (picture.height - head.eyesY) / (1 - LOWEST_EYES_RATIO);
  const wanted = head.height / full / Math.max(1, Math.min(byHeadroom, byEyes));
  return Math.max(1, Math.min(wanted, full / usual, MOST_CLOSER));
}
