import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import { limitError } from './limit-error.js';

/** Viewers that there are. */
export interface ViewerCount {
  /** Of all streams. */
  readonly all: number;
  /** Of the stream that is to be received. */
  readonly ofStream: number;
}

/** Throws {@link DiptychError} `DIPTYCH_E_LIMIT_VIEWERS` where there is no room for one more viewer. */
export function requireViewerRoom(
  { viewers, viewersPerStream }: Pick<LimitsConfig, 'viewers' | 'viewersPerStream'>,
  { all, ofStream }: ViewerCount,
): void {
  const advice = 'come again when one of them has left';
  if (ofStream >= viewersPerStream) {
    throw limitError('DIPTYCH_E_LIMIT_VIEWERS', `viewers of this stream: ${ofStream}`, 'viewersPerStream', advice);
  }
  if (all >= viewers) throw limitError('DIPTYCH_E_LIMIT_VIEWERS', `viewers: ${all}`, 'viewers', advice);
}

/** How many more viewers there is room for. */
export const viewerRoom = (
  { viewers, viewersPerStream }: Pick<LimitsConfig, 'viewers' | 'viewersPerStream'>,
  { all, ofStream }: ViewerCount,
): number => Math.max(0, Math.min(viewers - all, viewersPerStream - ofStream));
