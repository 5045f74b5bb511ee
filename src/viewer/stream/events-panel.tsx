import type { JSX } from 'preact';
import { formatTime } from '../format.js';
import { Panel } from '../parts/panel.js';
import type { StreamModel } from './stream-model.js';

/** What has happened since the page was opened, newest first. */
export function EventsPanel({ model }: { readonly model: StreamModel }): JSX.Element {
  const events = model.events.value;
  return (
    <Panel title="Events" name="events">
      {events.length === 0 && <p class="empty">Nothing has happened since this page was opened</p>}
      {events.length > 0 && (
        <ol class="events" tabIndex={0} aria-label="Events, newest first">
          {events.map(({ key, timeMs, text }) => (
            <li key={key}>
              <time dateTime={new Date(timeMs).toISOString()}>{formatTime(timeMs)}</time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
