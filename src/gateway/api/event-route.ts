import * as z from 'zod';
import type { Journals, StreamJournal } from '../events/stream-journal.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { FollowedEvents } from './event-stream.adapter.js';
import { seesAddresses } from '../access/hidden-addresses.js';
import { limitError } from '../access/limit-error.js';
import { route, type Route } from './route.js';
import { eventsQuerySchema, loggedEventSchema } from './schemas.js';

/** What this route needs of the gateway. */
export interface EventRouteContext {
  /** Streams by name. */
  readonly registry: Pick<StreamRegistry, 'get'>;
  /** What happened to them. */
  readonly journals: Pick<Journals, 'of'>;
  /** Readers that may follow events at the same time. */
  readonly maxReaders: number;
}

const EVENT_STREAM = 'text/event-stream';

/** What happened to a stream: the latest, or as it happens. */
export function eventRoute({ registry, journals, maxReaders }: EventRouteContext): Route {
  const followers = { count: 0 };
  return route({
    id: 'listEvents',
    role: 'view',
    tag: 'streams',
    method: 'GET',
    path: '/api/v1/streams/:id/events',
    summary:
      'What happened to a stream, the oldest first; the last 1,000 are kept. With Accept: text/event-stream as server-sent events, those that are kept first; Last-Event-ID, or since, goes on after that one',
    query: eventsQuerySchema,
    answer: {
      status: 200,
      description: 'The events',
      schema: z.array(loggedEventSchema),
      otherType: {
        contentType: EVENT_STREAM,
        description:
          'each message is one event, as JSON, with its id; the event named gone is the last one, after the stream was deleted, and that named missed says that some are not kept any more',
      },
    },
    failures: [429],
    handle: ({ params, query, headers, caller }) => {
      const journal = journals.of(registry.get(params['id'] ?? ''), seesAddresses(caller));
      if (!String(headers['accept'] ?? '').includes(EVENT_STREAM)) {
        return { body: journal.list(query), headers: { 'cache-control': 'no-store', vary: 'Accept' } };
      }
      if (followers.count >= maxReaders) {
        const advice = 'end one of them, or ask without text/event-stream';
        throw limitError(
          'DIPTYCH_E_LIMIT_READERS',
          `readers that follow events: ${maxReaders}`,
          'eventReaders',
          advice,
        );
      }
      const since = startOf(journal, headers['last-event-id'], query);
      return { events: followed(journal, since, followers) };
    },
  });
}

/** After which event a reader goes on. */
function startOf(
  journal: StreamJournal,
  lastEventId: unknown,
  query: { readonly since: number; readonly limit: number },
): number {
  const resumed = typeof lastEventId === 'string' && /^\d{1,16}$/.test(lastEventId) ? Number(lastEventId) : undefined;
  // An id from the future is from before the clock was put back.
  if (resumed !== undefined && resumed > 0 && resumed <= journal.lastId) return resumed;
  const [first] = journal.list(query);
  return first === undefined ? Math.max(query.since, journal.lastId) : first.id - 1;
}

/** What a reader follows; it is counted for as long. */
const followed = (journal: StreamJournal, since: number, followers: { count: number }): FollowedEvents => ({
  since,
  get lostId() {
    return journal.lostId;
  },
  after: (id) => journal.after(id),
  follow: (listener) => {
    followers.count++;
    const unfollow = journal.follow(listener);
    return () => {
      followers.count--;
      unfollow();
    };
  },
});
