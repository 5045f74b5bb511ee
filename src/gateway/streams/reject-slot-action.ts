import type { StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ShotKind } from '../../shared/domain/shot.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { PersonStatus } from '../../shared/domain/stream-status.js';

/** People in a message, at most. */
const MAX_LISTED = 20;

/**
 * Refuses what cannot be done with the tiles and the people that there are.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` for a tile that the layout does not have, `DIPTYCH_E_NOT_FOUND` for
 *   a person whom nobody follows now; both say what there is
 */
export function rejectSlotAction(
  action: SlotAction,
  { slots: { maxTiles } }: Pick<StreamConfig, 'slots'>,
  people: readonly PersonStatus[],
): void {
  if (action.action !== 'pin' && action.action !== 'name') return;
  const { trackId } = action;
  if (action.action === 'pin' && action.slot >= maxTiles) {
    const tiles = Array.from({ length: maxTiles }, (_, index) => index).join(', ');
    throw new DiptychError(
      'DIPTYCH_E_BAD_INPUT',
      `slot: there is no tile ${action.slot}; there is: ${tiles} (slots.maxTiles is ${maxTiles}, and 0 is the leftmost)`,
    );
  }
  rejectUnknownPerson(trackId, people);
  if (action.action === 'pin') rejectLeftOut(trackId, people);
}

/** Refuses a tile for a person who is to get none. @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` */
export function rejectLeftOut(trackId: number, people: readonly PersonStatus[]): void {
  if (people.every((person) => person.trackId !== trackId || person.isLeftOut !== true)) return;
  throw new DiptychError(
    'DIPTYCH_E_BAD_INPUT',
    `trackId: person ${trackId} is left out (people.leaveOut); take the person in again first, by POST …/slots {action: take_in}`,
  );
}

/** Refuses a person whom nobody follows now. @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` */
export function rejectUnknownPerson(trackId: number, people: readonly PersonStatus[]): void {
  if (people.some((person) => person.trackId === trackId)) return;
  const listed = people.slice(0, MAX_LISTED).map((person) => person.trackId);
  const more = people.length > listed.length ? ` and ${people.length - listed.length} more` : '';
  throw new DiptychError(
    'DIPTYCH_E_NOT_FOUND',
    `trackId: nobody has the number ${trackId} at the moment; there is: ${listed.join(', ') || 'nobody'}${more}`,
  );
}

/** Refuses a person beside a shot that shows more than one; an unknown shot is none. @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` */
export function rejectPersonBeside(kind: ShotKind | undefined, trackId: number | undefined): void {
  if (trackId === undefined || kind === undefined || kind === 'single') return;
  throw new DiptychError(
    'DIPTYCH_E_BAD_INPUT',
    `trackId: a person can be named for the shot single only, and this one is ${kind}; leave trackId out, or use kind single`,
  );
}
