import type { Box, Point, Size } from '#src/shared/domain/box.js';
import type { CompositionPlan, Region } from '#src/stream/domain/composition-plan.js';
import { partOf } from '#src/stream/stages/compose/common-frame.js';
import type { Track } from '#src/shared/domain/track.js';

export const source: Size = { width: 1920, height: 1080 };

/** A face at (x, y), its middle, that is `height` pixels tall. */
export const faceBox = ({ x, y }: Point, height: number): Box => {
  const width = 0.75 * height;
  return { x: x - width / 2, y: y - height / 2, width, height };
};

export const makeTrack = (fields: Partial<Track> & Pick<Track, 'id' | 'box'>): Track => ({
  state: 'tracked',
  score: 0.9,
  kind: 'face',
  bornPtsMs: 0,
  seenPtsMs: 0,
  ...fields,
});

/** Where a point of the source picture lies in a region, fractions of its size. */
export function placeIn({ crop }: Region, { x, y }: Point): Point {
  return { x: (x - crop.x) / crop.width, y: (y - crop.y) / crop.height };
}

/** Largest movement between two plans, in pixels; `undefined` region pairs count as jumps. */
export interface Movement {
  /** Of a tile's edges, output pixels. */
  readonly dest: number;
  /** Of a crop's centre, pixels of the source picture. */
  readonly crop: number;
  /** Of a region's opacity. */
  readonly alpha: number;
  /** Part of the output, as pixels of its width, whose content was exchanged without a dissolve or a slide. */
  readonly cut: number;
}

const isSamePerson = (a: Region, b: Region): boolean =>
  a.content === b.content && (a.trackId === b.trackId || a.trackId === undefined || b.trackId === undefined);

const overlap = (from: number, size: number, most: number): number =>
  Math.max(0, Math.min(from + size, most) - Math.max(from, 0));

const visibleWidth = ({ dest, alpha }: Region, output: Size): number =>
  (alpha * overlap(dest.x, dest.width, output.width) * overlap(dest.y, dest.height, output.height)) / output.height;

function distance(a: Region, b: Region): Omit<Movement, 'cut'> {
  return {
    dest: Math.max(
      Math.abs(a.dest.x - b.dest.x),
      Math.abs(a.dest.y - b.dest.y),
      Math.abs(a.dest.x + a.dest.width - b.dest.x - b.dest.width),
      Math.abs(a.dest.y + a.dest.height - b.dest.y - b.dest.height),
    ),
    crop: Math.hypot(
      a.crop.x + a.crop.width / 2 - b.crop.x - b.crop.width / 2,
      a.crop.y + a.crop.height / 2 - b.crop.y - b.crop.height / 2,
    ),
    alpha: Math.abs(a.alpha - b.alpha),
  };
}

const covers = (upper: Box, lower: Box): boolean =>
  upper.x <= lower.x &&
  upper.x + upper.width >= lower.x + lower.width &&
  upper.y <= lower.y &&
  upper.y + upper.height >= lower.y + lower.height;

/** How much of a region shows through the ones painted over all of it. */
const shownShare = (regions: readonly Region[], index: number): number =>
  regions
    .slice(index + 1)
    .filter(({ dest }) => covers(dest, regions[index]!.dest))
    .reduce((share, { alpha }) => share * (1 - alpha), 1);

/** A frame that several tiles share is drawn at once: cut into the tiles of `other`, which it joins or comes from. */
function splitLike(plan: CompositionPlan, other: CompositionPlan): CompositionPlan {
  const regions = plan.regions.flatMap((region) => {
    if (region.content !== 'source' || region.trackId !== undefined) return [region];
    const parts = other.regions.filter(
      ({ content, dest }) => content === 'source' && covers(region.dest, dest) && !covers(dest, region.dest),
    );
    if (parts.length === 0) return [region];
    return parts.map(({ dest }) => ({ ...region, dest, crop: partOf(region.crop, dest, region.dest) }));
  });
  return { ...plan, regions };
}

export function movement(before: CompositionPlan, after: CompositionPlan, output: Size): Movement {
  const most = { dest: 0, crop: 0, alpha: 0, cut: 0 };
  const compare = (from: CompositionPlan, to: CompositionPlan): void => {
    from.regions.forEach((region, index) => {
      const share = shownShare(from.regions, index);
      if (share === 0) return;
      const twin = to.regions
        .filter((other) => isSamePerson(region, other))
        .map((other) => distance(region, other))
        .sort((a, b) => a.dest + a.crop - b.dest - b.crop)
        // The same person may be fading in elsewhere; this place then counts as a cut or a fade.
        .find(({ dest, alpha }) => dest < output.width / 8 && alpha < 0.5);
      if (!twin) {
        most.cut = Math.max(most.cut, share * visibleWidth(region, output));
        return;
      }
      most.dest = Math.max(most.dest, twin.dest);
      most.crop = Math.max(most.crop, twin.crop);
      most.alpha = Math.max(most.alpha, twin.alpha);
    });
  };
  compare(splitLike(before, after), splitLike(after, before));
  compare(splitLike(after, before), splitLike(before, after));
  return most;
}
