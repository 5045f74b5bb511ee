import type { LoggedEvent } from '../../shared/domain/logged-event.js';

/** What is to be logged. */
export type EventEntry = Pick<LoggedEvent, 'kind' | 'text' | 'data'>;

/** Events that are kept of a stream. */
export const EVENTS_KEPT = 1000;

/**
 * The latest events of one stream. What happens again and again with nothing else in between, such as a camera that
 * does not come back, is one event that is counted.
 */
export class EventLog {
  readonly #kept: number;
  #events: LoggedEvent[] = [];
  #lostId = 0;

  /** Empty. @param kept - the oldest give way to the newest beyond so many */
  constructor(kept = EVENTS_KEPT) {
    this.#kept = kept;
  }

  /** Of the newest event; 0 before there is one. */
  get lastId(): number {
    return this.#events.at(-1)?.id ?? 0;
  }

  /** Of the newest event that is not kept any more; 0 while all are. */
  get lostId(): number {
    return this.#lostId;
  }

  /**
   * Adds what has happened.
   *
   * @param nowMs - ms since 1970; ids begin with it, so that they rise from one run of the gateway to the next
   * @returns whether it is an event of its own, and not the last one again
   */
  add(entry: EventEntry, nowMs: number): boolean {
    const last = this.#events.at(-1);
    const time = new Date(nowMs).toISOString();
    if (last?.kind === entry.kind && last.text === entry.text) {
      this.#events[this.#events.length - 1] = { ...last, count: (last.count ?? 1) + 1, lastTime: time };
      return false;
    }
    this.#events.push({ id: Math.max(this.lastId + 1, nowMs), time, ...entry });
    if (this.#events.length > this.#kept) this.#lostId = this.#events.shift()?.id ?? 0;
    return true;
  }

  /**
   * Events in their order, the oldest first.
   *
   * @param since - only those with a higher id
   * @param limit - the newest so many of them
   */
  list({ since = 0, limit = this.#kept }: { readonly since?: number; readonly limit?: number } = {}): LoggedEvent[] {
    if (limit === 0) return [];
    const first = this.#events.findLastIndex(({ id }) => id <= since) + 1;
    return this.#events.slice(first).slice(-limit);
  }

  /** The event after the one with this id, or after where that one was. */
  after(id: number): LoggedEvent | undefined {
    return this.#events[this.#events.findLastIndex((event) => event.id <= id) + 1];
  }
}
