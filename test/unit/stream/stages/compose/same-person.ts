import type { Point } from '#src/shared/domain/box.js';
import type { CompositionPlan } from '#src/stream/domain/composition-plan.js';
import { placeIn } from './two-people.js';

/** How often a point of the source picture is seen in the output: in how many regions, those covered left out. */
export function timesShown(
  { regions }: Pick<CompositionPlan, 'regions'>,
  point: Point,
  output: { width: number; height: number },
): number {
  return regions.filter((region, index) => {
    if (region.content !== 'source' || region.alpha < 0.5) return false;
    const { x, y } = placeIn(region, point);
    if (x < 0 || x >= 1 || y < 0 || y >= 1) return false;
    const at = { x: region.dest.x + x * region.dest.width, y: region.dest.y + y * region.dest.height };
    if (at.x < 0 || at.y < 0 || at.x >= output.width || at.y >= output.height) return false;
    return !regions
      .slice(index + 1)
      .some(
        ({ dest, alpha }) =>
          alpha >= 0.5 && at.x >= dest.x && at.x < dest.x + dest.width && at.y >= dest.y && at.y < dest.y + dest.height,
      );
  }).length;
}

/** Share of the frames in which two tiles show the middle of one head, and the longest span of them, s. */
export function samePersonTwice(
  frames: readonly {
    readonly tS: number;
    readonly plan: Pick<CompositionPlan, 'regions'>;
    readonly heads: readonly Point[];
  }[],
  output: { width: number; height: number },
): { readonly share: number; readonly longestS: number } {
  let count = 0;
  let longestS = 0;
  let sinceS: number | undefined;
  for (const { tS, plan, heads } of frames) {
    const isTwice = heads.some((head) => timesShown(plan, head, output) > 1);
    if (isTwice) {
      count += 1;
      sinceS ??= tS;
      longestS = Math.max(longestS, tS - sinceS + 1 / 30);
    } else sinceS = undefined;
  }
  return { share: count / frames.length, longestS };
}
