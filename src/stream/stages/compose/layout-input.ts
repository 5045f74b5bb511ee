import type { Size } from '../../../shared/domain/box.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';
import type { SourceCondition } from '../../domain/composition-plan.js';
import type { PlannedShot } from './shot-board.js';
import type { ShotOptions } from './shot-framer.js';
import type { TileEdges } from './tile-edges.js';

/** How the picture is laid out. */
export interface LayoutPlannerOptions extends ShotOptions, TileEdges {
  /** Size of the composed picture, pixels: even numbers. */
  readonly output: Size;
  /**
   * How long the last picture is held when the source stalls, s, ≥ 0, before the slate. Higher bridges longer
   * stalls, lower shows the slate sooner. @defaultValue 1.5
   */
  readonly holdS?: number;
  /** Length of a change of layout, s, ≥ 0. Higher is slower, 0 cuts. @defaultValue 0.6 */
  readonly transitionS?: number;
  /** Whether shots change by a movement of `transitionS`, or at once. @defaultValue 'ease' */
  readonly transition?: 'ease' | 'cut';
  /** Names of the slots, for people without a name of their own; an empty one is none. @defaultValue none */
  readonly labels?: readonly string[];
  /** The name plates that are drawn, by their text, with their size in pixels. @defaultValue none */
  readonly plates?: ReadonlyMap<string, { readonly crop: Size }>;
}

/** What the planner needs of one output frame. */
export interface LayoutInput {
  /** PTS of the output frame, milliseconds; one that does not rise plans the same moment again. */
  readonly ptsMs: number;
  /** Size of the source picture; absent before the first one. */
  readonly source: Size | undefined;
  /** The same array again, as with a frame that is repeated, is nothing new. */
  readonly tracks: readonly Track[];
  /** Who has which slot, from left to right, four at most. */
  readonly slots: SlotAssignment;
  /** How they are shown. @defaultValue each in a tile of their own */
  readonly shot?: PlannedShot | undefined;
  /** Names of people. @defaultValue nobody has one */
  readonly names?: ReadonlyMap<TrackId, string>;
  /** Whether frames of the source come. */
  readonly condition: SourceCondition;
  /** Size of the slate picture. */
  readonly slate: Size;
}
