import type { Box } from '../../shared/domain/box.js';
import type { LayoutName } from '../../shared/domain/layout.js';
import type { TrackId } from '../../shared/domain/track.js';

/** One rectangle of the output and what is drawn into it. */
export interface Region {
  /** What is shown: the source frame or the slate. */
  readonly content: 'source' | 'slate';
  /** Part of the content to show, in its pixels; fractions of a pixel matter (smooth movement). */
  readonly crop: Box;
  /** Where it goes, in output pixels: whole, even numbers; may be cut by the output's edge. */
  readonly dest: Box;
  /** 0 (not drawn) … 1 (opaque). */
  readonly alpha: number;
  /** The person whose shot this is; absent in the whole scene and on the slate. */
  readonly trackId?: TrackId;
  /** Of the slate: there was no picture before it, also while it goes. @defaultValue false */
  readonly isFirst?: boolean;
}

/** Of corners, pixels: upper left, upper right, lower left, lower right. */
export type Radii = readonly [number, number, number, number];

/** What is drawn over the source and under the slate; where it goes and how opaque, as in a region. */
export type Mark =
  /** Between tiles, in the colour of the border. */
  | { readonly type: 'line'; readonly dest: Box; readonly alpha: number }
  /** Between and around tiles, in the colour of the background. */
  | { readonly type: 'background'; readonly dest: Box; readonly alpha: number }
  /**
   * What lies outside of the arcs that round the corners of a tile, in the colour of the background. `radii` in whole
   * output pixels: upper left, upper right, lower left, lower right.
   */
  | { readonly type: 'corners'; readonly dest: Box; readonly radii: Radii; readonly alpha: number }
  /** The name plate with this text. */
  | { readonly type: 'label'; readonly label: string; readonly dest: Box; readonly alpha: number };

/** How one output frame is drawn over a picture of the colour of the background: source, marks, slate, each in painting order. */
export interface CompositionPlan {
  /** Of the output frame, milliseconds. */
  readonly ptsMs: number;
  /** What the picture shows, or is changing to. */
  readonly layout: LayoutName;
  /** Those of the slate come last. */
  readonly regions: readonly Region[];
  /** Edges of tiles, and name plates. */
  readonly marks: readonly Mark[];
}

/** Whether a source delivers: `live`, `stalled` (no frame for a moment), `lost` (being rebuilt). */
export type SourceCondition = 'live' | 'stalled' | 'lost';
