import type { JournalEvent, SegmentJournal, ShownEntry } from '../domain/recording.js';

/** What a journal says once its segment is not written any more; the rest of it stays. */
export interface ClosedPart<Shown, Event> extends Pick<SegmentJournal, 'durationS'> {
  /** Nothing is written any more. */
  readonly isComplete: true;
  /** As in the journal. */
  readonly shown: readonly Shown[];
  /** As in the journal. */
  readonly events: readonly Event[];
}

/**
 * The journal of a segment that is not written any more is as long as its file plays: what came later is not in the
 * file, because its writer was stopped.
 *
 * @param durationS - how long the file plays, s
 */
export function closedPart<Shown extends Pick<ShownEntry, 'atS'>, Event extends Pick<JournalEvent, 'atS'>>(
  { shown, events }: { readonly shown: readonly Shown[]; readonly events: readonly Event[] },
  durationS: number,
): ClosedPart<Shown, Event> {
  const isWithin = ({ atS }: { readonly atS: number }): boolean => atS < durationS;
  return {
    ...{ durationS: Math.round(durationS * 1000) / 1000, isComplete: true },
    ...{ shown: shown.filter(isWithin), events: events.filter(isWithin) },
  };
}
