import type { Box } from './box.js';
import type { TrackId } from './track.js';

/**
 * `single`: one person, whole picture · `dual`: two tiles · `grid`: three or four tiles ·
 * `scene`: the whole source · `slate`: no source.
 */
export type LayoutName = 'single' | 'dual' | 'grid' | 'scene' | 'slate';

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

/** How one output frame is drawn: regions in painting order over a black picture. */
export interface CompositionPlan {
  readonly ptsMs: number;
  readonly layout: LayoutName;
  readonly regions: readonly Region[];
}

/** Whether a source delivers: `live`, `stalled` (no frame for a moment), `lost` (being rebuilt). */
export type SourceCondition = 'live' | 'stalled' | 'lost';
