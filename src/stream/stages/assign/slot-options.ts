import type { RememberedTiles } from '../../../shared/domain/remembered-people.js';
import type { Track } from '../../../shared/domain/track.js';

/** How people get slots. */
export interface SlotAssignerOptions {
  /** Number of slots, 1 … 4. Higher shows more people in smaller tiles. @defaultValue 2 */
  readonly maxTiles?: number;
  /**
   * `position`: the person further left has the slot further left; `identity`: a person keeps the slot wherever
   * they go. @defaultValue 'position'
   */
  readonly mode?: 'position' | 'identity';
  /**
   * Time constant of the smoothed position, s, > 0. Lower swaps the tiles sooner, higher ignores longer
   * crossings. @defaultValue 0.4
   */
  readonly smoothingS?: number;
  /**
   * People nearer to each other than this keep their slots, fraction of the frame width, in [0, 0.5]. Higher
   * swaps tiles less often, lower sooner. @defaultValue 0.05
   */
  readonly marginRatio?: number;
  /**
   * A person out of sight keeps the slot for this long, s, ≥ 0. Higher holds the tile longer, lower gives it to
   * others sooner. @defaultValue 1.5
   */
  readonly holdS?: number;
  /**
   * A person has to be tracked for this long, s, ≥ 0, before they get a slot; people of the very first frame
   * have one at once. Higher gives fewer slots to false tracks, lower shows people sooner. Three detections at
   * 15 a second. @defaultValue 0.13
   */
  readonly confirmS?: number;
  /** The tiles as the run before left them. @defaultValue empty */
  readonly before?: RememberedTiles;
}

/** What the assigner needs of one frame. */
export interface SlotInput {
  /** Milliseconds, rising. */
  readonly ptsMs: number;
  /** Of the source picture, pixels. */
  readonly width: number;
  /** Of the source picture, pixels; absent where zones do not count. */
  readonly height?: number;
  /** People in the frame, under their identities. */
  readonly tracks: readonly Track[];
}
