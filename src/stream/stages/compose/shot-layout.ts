import type { LayoutName } from '../../../shared/domain/layout.js';
import type { SlotAssignment } from '../../../shared/domain/track.js';
import type { PlannedShot } from './shot-board.js';

/** How the picture of a shot is divided. */
export function layoutOf({ kind, groups }: PlannedShot): Exclude<LayoutName, 'slate'> {
  if (kind === 'wide') return 'scene';
  if (kind !== 'split') return kind;
  const people = groups.flat().length;
  if (people < 3) return 'dual';
  return people === 4 && groups.length < 4 ? 'columns' : 'grid';
}

/** The shot that has everybody with a slot in a tile of their own. */
export function shotOfSlots(slots: SlotAssignment): PlannedShot {
  const groups = slots.flatMap((trackId) => (trackId === undefined ? [] : [[trackId]]));
  const kind = groups.length === 0 ? 'wide' : groups.length === 1 ? 'single' : 'split';
  return { kind, groups, reason: 'apart', isUrgent: false };
}
