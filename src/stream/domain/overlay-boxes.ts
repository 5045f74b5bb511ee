import { center, intersectionArea, type Box } from '../../shared/domain/box.js';
import type { OverlayBox } from '../../shared/domain/overlay.js';
import { shownBox, type SlotAssignment, type Track, type TrackId } from '../../shared/domain/track.js';
import type { CompositionPlan, Region } from './composition-plan.js';

/** Regions of less opacity are fading in or out, and carry no boxes. */
const MIN_ALPHA = 0.5;

/**
 * Maps the boxes of tracks to the composed picture, output pixels: one for each region that shows the centre of
 * the person, uncovered.
 */
export function overlayBoxes(
  { regions }: CompositionPlan,
  tracks: readonly Track[],
  slots: SlotAssignment,
  names: ReadonlyMap<TrackId, string>,
): readonly OverlayBox[] {
  const shown = regions.filter(({ content, alpha }) => content === 'source' && alpha >= MIN_ALPHA);
  return shown.flatMap((region, index) =>
    tracks
      // A tile shows the head; the middle of a body is often below it.
      .filter((track) => isInside(center(track.head ?? shownBox(track)), region.crop))
      .flatMap((track) => {
        const box = project(shownBox(track), region);
        const middle = center(project(track.head ?? shownBox(track), region));
        const isCovered = shown.slice(index + 1).some(({ dest }) => isInside(middle, dest));
        if (isCovered || intersectionArea(box, region.dest) === 0) return [];
        const slot = slots.indexOf(track.id);
        const name = names.get(track.id);
        return [
          {
            trackId: track.id,
            ...(name !== undefined && { name }),
            ...(slot >= 0 && { slot }),
            box: clip(box, region.dest),
            score: track.score,
          },
        ];
      }),
  );
}

function project(box: Box, { crop, dest }: Region): Box {
  const scaleX = dest.width / crop.width;
  const scaleY = dest.height / crop.height;
  return {
    x: dest.x + (box.x - crop.x) * scaleX,
    y: dest.y + (box.y - crop.y) * scaleY,
    width: box.width * scaleX,
    height: box.height * scaleY,
  };
}

function isInside({ x, y }: { readonly x: number; readonly y: number }, box: Box): boolean {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}

function clip(box: Box, edge: Box): Box {
  const x = Math.max(box.x, edge.x);
  const y = Math.max(box.y, edge.y);
  return {
    x,
    y,
    width: Math.min(box.x + box.width, edge.x + edge.width) - x,
    height: Math.min(box.y + box.height, edge.y + edge.height) - y,
  };
}
