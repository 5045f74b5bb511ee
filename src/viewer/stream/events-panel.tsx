import type { JSX } from 'preact';
import type { LoggedEvent } from '../../shared/domain/logged-event.js';
import { formatMoment, formatTime } from '../format.js';
import { Panel } from '../parts/panel.js';
import { eventsForPeople, eventText } from './event-list.js';
import type { StreamModel } from './stream-model.js';

/** What has happened to the stream, newest first. */
export function EventsPanel({ model }: { readonly model: StreamModel }): JSX.Element {
  const known = model.feed.events.value;
  const events = eventsForPeople(known ?? []);
  return (
    <Panel title="Events" name="events">
      {events.length === 0 && <p class="empty">{known ? 'Nothing has happened yet' : 'Not known yet'}</p>}
      {events.length > 0 && (
        <ol class="events" tabIndex={0} aria-label="Events, newest first">
          {events.map((event) => (
            <li key={event.id}>
              <time dateTime={event.time} title={formatMoment(event.time)}>
                {formatTime(Date.parse(event.time))}
              </time>
              <span>
                {eventText(event)}
                <Repeated event={event} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** How often it happened, where it happened more than once; apart, so that the rest stays selected while it rises. */
function Repeated({ event: { count, lastTime } }: { readonly event: LoggedEvent }): JSX.Element | null {
  if (count === undefined || lastTime === undefined) return null;
  return (
    <span class="detail">
      {' '}
      {count} times, last at {formatTime(Date.parse(lastTime))}
    </span>
  );
}
