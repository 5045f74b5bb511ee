import { expect, it } from 'vitest';
import type { LoggedEvent } from '#src/shared/domain/logged-event.js';
import { eventsForPeople, eventText, mergeEvents, rereadFrom } from '#src/viewer/stream/event-list.js';

const event = (id: number, count?: number): LoggedEvent => ({
  ...{ id, time: '2026-11-29T10:00:00.000Z', kind: 'source_lost', text: `Event ${id}.`, data: {} },
  ...(count !== undefined && { count, lastTime: '2026-11-29T10:00:09.000Z' }),
});

it.each<[string, LoggedEvent[], LoggedEvent[], [number, number?][]]>([
  ['the first ones', [], [event(1), event(2)], [[1], [2]]],
  ['one more', [event(1), event(2)], [event(2), event(3)], [[1], [2], [3]]],
  ['the newest one again', [event(1), event(2)], [event(2, 5)], [[1], [2, 5]]],
  ['of a gateway that was started anew', [event(7), event(9)], [event(20)], [[7], [9], [20]]],
  ['of a clock that was put back', [event(7), event(9)], [event(3)], [[7], [9]]],
])('%s: known and new events are one list', (_name, known, news, expected) => {
  const merged = mergeEvents(known, news);

  expect(merged.map(({ id, count }) => (count === undefined ? [id] : [id, count]))).toEqual(expected);
});

it('is the same list where nothing is new, so that nothing is drawn', () => {
  const known = [event(1), event(2, 3)];

  expect(mergeEvents(known, [event(2, 3)])).toBe(known);
  expect(mergeEvents(known, [])).toBe(known);
});

it('keeps the newest 200', () => {
  const many = Array.from({ length: 250 }, (_, index) => event(index + 1));

  const merged = mergeEvents([], many);

  expect([merged.length, merged[0]?.id, merged.at(-1)?.id]).toEqual([200, 51, 250]);
});

it.each<[LoggedEvent[], number]>([
  [[], 0],
  [[event(4)], 0],
  [[event(4), event(8)], 4],
])('asks for the newest one once more, which may have been counted up', (known, since) => {
  expect(rereadFrom(known)).toBe(since);
});

it('shows people the newest first, without what is only for programs', () => {
  const suspected = { ...event(2), kind: 'swap_suspected' };

  const ended = { ...event(4), kind: 'suspicion_ended' };

  expect(eventsForPeople([event(1), suspected, event(3), ended]).map(({ id }) => id)).toEqual([3, 1]);
});

it.each([
  ['options_changed', { live: ['framing.cornerPx'], restart: [] }, 'Changed: “Radius of corners, pixels”.'],
  [
    'options_changed',
    { live: ['people.names', 'later.one'], restart: ['output.fps'] },
    'Changed: “Names of people”, “later.one”, “Frame rate, fps”; the stream restarts.',
  ],
  ['options_changed', {}, 'As the gateway says it: “Check the certificate”.'],
  ['state', { live: ['output.fps'] }, 'As the gateway says it: “Check the certificate”.'],
])('%s %j is told with what the page calls options', (kind, data, expected) => {
  const text =
    kind === 'state'
      ? 'As the gateway says it: source.tls.verify.'
      : 'As the gateway says it: “Check the certificate”.';

  expect(eventText({ kind, data, text })).toBe(expected);
});
