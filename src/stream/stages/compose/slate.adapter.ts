import type { Size } from '../../../shared/domain/box.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { drawOnce } from './draw-once.adapter.js';

/** The two lines of a slate. */
export interface SlateText {
  /** The larger line. */
  readonly title: string;
  /** The smaller line under it. */
  readonly subtitle: string;
}

/** Font sizes as fractions of the picture's height. */
const TITLE_SIZE = 0.04;
const SUBTITLE_SIZE = 0.027;

/**
 * Draws the picture that is shown while there is no source. The caller owns one reference.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export function renderSlate({ width, height }: Size, { title, subtitle }: SlateText): Promise<FrameHandle> {
  const font = (share: number): string => `Sans ${Math.round(height * share)}px`;
  return drawOnce('slate', {
    width,
    height,
    title,
    subtitle,
    titleFont: font(TITLE_SIZE),
    subtitleFont: font(SUBTITLE_SIZE),
  });
}
