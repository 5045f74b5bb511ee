import type { TrackId } from './track.js';

/**
 * What a person may ask of the tiles: exchange the two people (of more, the order from left to
 * right is turned round); `lock` who is where until `unlock`, which also ends pins and exchanges;
 * keep one person in one tile.
 */
export type SlotAction =
  | { readonly action: 'swap' | 'lock' | 'unlock' }
  | { readonly action: 'pin'; readonly slot: number; readonly trackId: TrackId };
