import type { TrackId } from './track.js';

/**
 * What a person may ask of the tiles: exchange the two people; `lock` who is where until `unlock`,
 * which also ends pins and exchanges; keep one person in one tile.
 */
export type SlotAction =
  | { readonly action: 'swap' | 'lock' | 'unlock' }
  | { readonly action: 'pin'; readonly slot: number; readonly trackId: TrackId };
