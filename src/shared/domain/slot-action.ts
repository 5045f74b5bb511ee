import type { TrackId } from './track.js';

/** What may be asked of the tiles themselves. */
export type TileAction = Exclude<SlotAction, { readonly action: 'name' }>;

/** What of the tiles people have fixed. */
export interface TileHold {
  /** Whether everybody keeps their tile until `unlock`. */
  readonly isLocked: boolean;
  /** Who is pinned to their tile. */
  readonly pinned: readonly TrackId[];
}

/**
 * What a person may ask of the tiles: exchange the two people (of more, the order from left to
 * right is turned round); `lock` who is where until `unlock`, which also ends pins and exchanges;
 * keep one person in one tile; say who a person is, an empty name taking theirs away.
 */
export type SlotAction =
  | { readonly action: 'swap' | 'lock' | 'unlock' }
  | { readonly action: 'pin'; readonly slot: number; readonly trackId: TrackId }
  | { readonly action: 'name'; readonly trackId: TrackId; readonly name: string };

/**
 * A person gets no tile from now on, or may have one again. It is a change of the configuration (`people.leaveOut`): by
 * the name of the person, or by the number of one who has none.
 */
export interface LeaveOutAction {
  /** What is to be. */
  readonly action: 'leave_out' | 'take_in';
  /** The person. */
  readonly trackId: TrackId;
}
