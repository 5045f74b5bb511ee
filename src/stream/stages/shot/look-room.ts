import type { Box } from '../../../shared/domain/box.js';
import type { TrackId } from '../../../shared/domain/track.js';
import { groupInTile, placeOfCommon } from '../../domain/common-head.js';
import { cropOfHead } from '../../domain/head-crop.js';
import { matchHeads } from '../../domain/match-heads.js';
import type { TileSetting } from './closeness.js';
import type { PersonMotion } from './person-motion.js';

/**
 * Room in front of people who look or walk to a side, as far as their tiles do not come to show what the tiles of
 * others show: so it changes nothing of who shares a frame.
 *
 * One frame that holds everybody has as much room, in pixels, as their tiles would have on average: none where people
 * look at each other.
 *
 * @param groups - who is shown
 * @returns fractions of the width of the tile, or of the frame that they share, to the right
 */
export function lookRooms(
  groups: readonly (readonly TrackId[])[],
  people: ReadonlyMap<TrackId, PersonMotion>,
  { tile, picture, framing }: TileSetting,
): ReadonlyMap<TrackId, number> {
  const rooms = new Map<TrackId, number>();
  const [all, ...others] = groups;
  if (all && all.length > 1 && others.length === 0) return commonRoom(all, people);
  // Of those who share a frame their mean, as many pixels as a tile would have.
  const looks = groups.map((ids) => ids.reduce((sum, id) => sum + people.get(id)!.look, 0) / ids.length ** 2);
  if (looks.every((look) => look === 0)) return rooms;
  const units = groups.map((ids) => {
    const heads = ids.map((id) => people.get(id)!.head);
    return groupInTile(heads, { width: tile.width * ids.length, height: tile.height }, framing);
  });
  const places = matchHeads(units, picture, framing);
  const crops = units.map((unit, index) =>
    cropOfHead(unit.common, unit.tile, picture, framing, placeOfCommon(places[index]!, unit)),
  );
  groups.forEach((ids, index) => {
    const [own, look] = [crops[index]!, looks[index]!];
    const gaps = crops.flatMap((crop) => (crop === own ? [] : gapTo(own, crop, look)));
    const room = Math.sign(look) * Math.min(Math.abs(look), Math.max(0, Math.min(...gaps) / 2) / own.width);
    for (const id of ids) rooms.set(id, room);
  });
  return rooms;
}

/** The room of each person is that of their frame, which is as wide as their tiles are together. */
function commonRoom(
  group: readonly TrackId[],
  people: ReadonlyMap<TrackId, PersonMotion>,
): ReadonlyMap<TrackId, number> {
  const sum = group.reduce((total, id) => total + people.get(id)!.look, 0);
  return new Map(sum === 0 ? [] : group.map((id) => [id, sum / group.length ** 2]));
}

/** Between a tile and one on the side that somebody looks to, pixels; none where it is on the other side. */
function gapTo(own: Box, other: Box, look: number): readonly number[] {
  if (look > 0 && other.x >= own.x) return [other.x - own.x - own.width];
  return look < 0 && other.x <= own.x ? [own.x - other.x - other.width] : [];
}
