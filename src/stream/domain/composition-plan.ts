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
  readonly trackId?: TrackId;
}

/** What is drawn over the source and under the slate; where it goes and how opaque, as in a region. */
export type Mark =
  /** Between tiles, in the colour of the border. */
  | { readonly type: 'line'; readonly dest: Box; readonly alpha: number }
  /** The name plate with this index, from left to right. */
  | { readonly type: 'label'; readonly label: number; readonly dest: Box; readonly alpha: number };

/** How one output frame is drawn over a black picture: source, marks, slate, each in painting order. */
export interface CompositionPlan {
  readonly ptsMs: number;
  readonly layout: LayoutName;
  /** Those of the slate come last. */
  readonly regions: readonly Region[];
  readonly marks: readonly Mark[];
}

/** Whether a source delivers: `live`, `stalled` (no frame for a moment), `lost` (being rebuilt). */
export type SourceCondition = 'live' | 'stalled' | 'lost';
