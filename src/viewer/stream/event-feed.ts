import { signal } from '@preact/signals';
import type { LoggedEvent } from '../../shared/domain/logged-event.js';
import { callApi } from '../api.js';
import { streamApi } from '../urls.js';
import { mergeEvents, rereadFrom } from './event-list.js';

/** What goes on without a message to the page, such as a change of the configuration, is seen after so long, ms. */
const REFRESH_MS = 3_000;
/** Several messages in a row are one question, ms. */
const GATHER_MS = 150;

/**
 * What has happened to a stream, as the gateway keeps it, also before the page was opened. It is asked for when something
 * happens, and every three seconds; a connection that stays open would take one of the six that browsers give a host.
 */
export class EventFeed {
  /** Oldest first; absent before the first answer. */
  readonly events = signal<readonly LoggedEvent[] | undefined>(undefined);
  readonly #streamId: () => string;
  #timer: number | undefined;
  #isAsking = false;

  /** Asks at once. @param streamId - its name now */
  constructor(streamId: () => string) {
    this.#streamId = streamId;
    void this.refresh();
    setInterval(() => {
      if (!document.hidden) void this.refresh();
    }, REFRESH_MS);
  }

  /** Something has happened. */
  wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, GATHER_MS);
  }

  /** Asks now. Never rejects: the page tells of a gateway that does not answer. */
  async refresh(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const known = this.events.peek();
      const since = known === undefined ? '' : `?since=${rereadFrom(known)}`;
      const news = await callApi<LoggedEvent[]>('GET', streamApi(this.#streamId(), 'events') + since);
      const merged = mergeEvents(known ?? [], news);
      if (known === undefined || merged !== known) this.events.value = merged;
    } catch {
      // It is asked again.
    } finally {
      this.#isAsking = false;
    }
  }
}
