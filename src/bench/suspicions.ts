import { iou } from '../shared/domain/box.js';
import type { IdentityEvent } from '../stream/stages/reid/identity-events.js';
import type { IdentityChange, ScoredFrame } from './mot-score.js';

/** People may be mixed up, from the first doubt to the last, as the events tell. */
export interface Suspicion {
  /** Milliseconds of PTS. */
  readonly sincePtsMs: number;
  /** Milliseconds of PTS. */
  readonly untilPtsMs: number;
  /** Who was in doubt. */
  readonly trackIds: readonly number[];
}

/** A swap is noticed in its own frame or with the next detections; two trackers may see it some frames apart, s. */
const TOLERANCE_S = 0.2;
/** Overlap from which a result is of a person. */
const MATCH_IOU = 0.5;

/**
 * Episodes of suspicion in a list of events.
 *
 * @param endPtsMs - of the last set, ms: an episode that is not over lasts until then
 */
export function suspicionsIn(events: readonly IdentityEvent[], endPtsMs: number): readonly Suspicion[] {
  const suspicions: Suspicion[] = [];
  let open: { readonly sincePtsMs: number; readonly trackIds: Set<number> } | undefined;
  for (const { name, ptsMs, trackId, formerTrackId, untilPtsMs, trackIds } of events) {
    if (name === 'swap_suspected') open = { sincePtsMs: ptsMs, trackIds: new Set() };
    if (!open) continue;
    for (const id of [trackId, formerTrackId, ...(trackIds ?? [])]) if (id !== undefined) open.trackIds.add(id);
    if (name !== 'suspicion_ended') continue;
    suspicions.push({ sincePtsMs: open.sincePtsMs, untilPtsMs: untilPtsMs ?? ptsMs, trackIds: [...open.trackIds] });
    open = undefined;
  }
  if (open) suspicions.push({ sincePtsMs: open.sincePtsMs, untilPtsMs: endPtsMs, trackIds: [...open.trackIds] });
  return suspicions;
}

/**
 * Whether an episode covers the moment of a swap that another tracker made, and is about the person of it.
 *
 * @param kept - every frame of the run in which the episodes were told
 */
export function isSuspected(
  { frame, person }: Pick<IdentityChange, 'frame' | 'person'>,
  suspicions: readonly Suspicion[],
  kept: readonly ScoredFrame[],
  fps: number,
): boolean {
  const atMs = ((frame - 1) * 1000) / fps;
  const ids = idsAround(kept, frame, person);
  return suspicions.some(
    ({ sincePtsMs, untilPtsMs, trackIds }) =>
      sincePtsMs <= atMs + TOLERANCE_S * 1000 &&
      untilPtsMs >= atMs - TOLERANCE_S * 1000 &&
      trackIds.some((id) => ids.has(id)),
  );
}

/** Under which ids a person was kept right before a frame and from it on. */
function idsAround(kept: readonly ScoredFrame[], frame: number, person: number): ReadonlySet<number> {
  const before = kept.slice(0, frame - 1).reverse();
  const after = kept.slice(frame - 1);
  const ids = [before, after].map((frames) => {
    for (const one of frames) {
      const id = idOf(one, person);
      if (id !== undefined) return id;
    }
    return undefined;
  });
  return new Set(ids.filter((id) => id !== undefined));
}

function idOf({ truth, result }: ScoredFrame, person: number): number | undefined {
  const box = truth.find(({ id }) => id === person)?.box;
  return box && result.find((found) => iou(found.box, box) >= MATCH_IOU)?.id;
}
