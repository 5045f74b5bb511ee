import type { SourceCondition } from '../domain/composition-plan.js';

/**
 * What comes from a source:
 *
 * ```
 *   lost ──frame──▶ receiving ◀─frame┐
 *    ▲                 │  └──────────┘
 *    └──session over───┘
 * ```
 *
 * `lost`: no frame of the session that is open, or no session · `receiving`: the last frame came at
 * `lastFrameMs`, running time in ms.
 */
export type SourceReception = { readonly type: 'lost' } | { readonly type: 'receiving'; readonly lastFrameMs: number };

/** Before the first frame of a session. */
export const LOST: SourceReception = { type: 'lost' };

/**
 * What is said of the source at `nowMs`: one that is received is `live`, and `stalled` where its
 * last frame is more than `stallMs` ago.
 */
export function conditionOf(reception: SourceReception, nowMs: number, stallMs: number): SourceCondition {
  if (reception.type === 'lost') return 'lost';
  return nowMs - reception.lastFrameMs > stallMs ? 'stalled' : 'live';
}
