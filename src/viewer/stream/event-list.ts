import type { LoggedEvent } from '../../shared/domain/logged-event.js';

/** The page shows so many events; the API has more. */
const SHOWN = 200;
/** What only tells programs: a suspicion is told once it has been answered. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['swap_suspected', 'suspicion_ended']);

/** From which id on events are asked for: the newest one may have been counted up since. */
export const rereadFrom = (known: readonly LoggedEvent[]): number => known.at(-2)?.id ?? 0;

/**
 * Known events and those that were asked for from {@link rereadFrom} on, oldest first; the same list where nothing is new.
 * Those whose ids are lower than what is known are of a gateway whose clock was put back, and stay behind.
 */
export function mergeEvents(known: readonly LoggedEvent[], news: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const last = known.at(-1);
  const changed = news.filter(
    ({ id, count }) => last === undefined || id > last.id || (id === last.id && count !== last.count),
  );
  if (changed.length === 0) return known;
  const replaced = new Set(changed.map(({ id }) => id));
  return [...known.filter(({ id }) => !replaced.has(id)), ...changed].slice(-SHOWN);
}

/** What people are shown, newest first. */
export const eventsForPeople = (events: readonly LoggedEvent[]): readonly LoggedEvent[] =>
  events.filter(({ kind }) => !FOR_PROGRAMS.has(kind)).reverse();
