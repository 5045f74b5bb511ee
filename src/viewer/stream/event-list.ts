import type { LoggedEvent } from '../../shared/domain/logged-event.js';
import { sentence } from '../wording.js';
import { optionLabel } from './option-labels.js';

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

/** What happened, with options by what the page calls them. */
export function eventText({ kind, text, data }: Pick<LoggedEvent, 'kind' | 'text' | 'data'>): string {
  if (kind !== 'options_changed') return sentence(text);
  const [live, restart] = [names(data['live']), names(data['restart'])];
  if (live.length + restart.length === 0) return text;
  const changed = [...live, ...restart].map((name) => `“${optionLabel(name)}”`).join(', ');
  return `Changed: ${changed}${restart.length === 0 ? '' : '; the stream restarts'}.`;
}

const names = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [];
