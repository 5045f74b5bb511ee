import type { Box, Size } from '../../../shared/domain/box.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { Mark } from '../../domain/composition-plan.js';
import { plateBox, stackPlates } from './marks.js';
import { roundToEven } from './scene-geometry.js';

/** A tile with the name of its person. */
export interface NamedTile {
  /** Output pixels. */
  readonly dest: Box;
  /** That of the frame that the tile has a part of, or its own, output pixels. */
  readonly rect: Box;
  /** Names, those that fade too. */
  readonly labels: readonly { readonly label: string; readonly alpha: number }[];
  /** Where the person is in the tile; absent before that is known. */
  readonly person: { readonly trackId: TrackId; readonly headX: number; readonly crop: Box } | undefined;
  /** How far it shows a part of a shared frame, in [0, 1]: there the plate stands under the person. */
  readonly shared: number;
}

type Label = Extract<Mark, { readonly type: 'label' }>;

/** The name plates of tiles: in the middle of their tile, and in a shared frame under their person. */
export function platesOf(
  tiles: readonly NamedTile[],
  plates: ReadonlyMap<string, { readonly crop: Size }> = new Map(),
): readonly Label[] {
  const placed = tiles.flatMap((tile, index) =>
    tile.labels.flatMap(({ label, alpha }) => {
      // A plate that is not drawn yet appears once it is.
      const plate = plates.get(label)?.crop;
      return plate ? [{ index, tile, label, alpha, dest: underPerson(plateBox(plate, tile.dest), tile) }] : [];
    }),
  );
  const stacked = stackPlates(
    placed.map(({ dest, tile, index }) => ({ dest, trackId: tile.person?.trackId ?? index, tile: index })),
  );
  return placed.map(({ label, alpha, tile, dest }, index): Label => {
    const rise = (stacked[index]!.y - dest.y) * tile.shared;
    return { type: 'label', label, dest: { ...dest, y: dest.y + roundToEven(rise) }, alpha };
  });
}

/** The plate of a tile, moved under its person as far as the tile shows a part of a shared frame. */
function underPerson(plate: Box, { dest, rect, person, shared }: NamedTile): Box {
  if (!person || shared === 0) return plate;
  const { crop, headX } = person;
  const middle = dest.x + ((headX - crop.x) / crop.width) * dest.width;
  const most = rect.x + rect.width - plate.width;
  const x = Math.min(most, Math.max(rect.x, middle - plate.width / 2));
  return { ...plate, x: roundToEven(plate.x + shared * (x - plate.x)) };
}
