import { EventEmitter } from 'node:events';
import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { LoggedEvent } from '../../shared/domain/logged-event.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { StreamEvent } from '../../shared/ipc/messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { EventLog, type EventEntry } from './event-log.js';
import { changeText, codeOf, eventText, reasonOf, slotText } from './event-text.js';
import { OutageEpisodes } from './outage-episodes.js';
import { statusChanges, type TracedStatus } from './status-changes.js';

/** Of one stream, whatever its name is. */
export interface StreamJournal {
  /** Of the newest event; 0 before there is one. */
  readonly lastId: number;
  /** As {@link EventLog.lostId}. */
  readonly lostId: number;
  /** As {@link EventLog.list}. */
  list(range?: { readonly since?: number; readonly limit?: number }): LoggedEvent[];
  /** As {@link EventLog.after}. */
  after(id: number): LoggedEvent | undefined;
  /**
   * Follows it until the returned function is called.
   *
   * @param listener - told when there is one more, and at the end of the stream
   */
  follow(listener: (news: 'event' | 'gone') => void): () => void;
}

/** Happens all the time and is counted in the status, is told by the gateway itself, or is a state of the stream. */
const NOT_LOGGED: ReadonlySet<string> = new Set([
  ...['reid_skipped', 'keyframe-wanted', 'options_changed', 'slots'],
  ...['source_recovered', 'source_frozen', 'source_overloaded', 'source_waiting_for_keyframe'],
]);

interface Journal extends StreamJournal {
  readonly log: EventLog;
  readonly news: EventEmitter<{ news: ['event' | 'gone'] }>;
}

/** Keeps what happens to the streams, for those who ask or follow. */
export class Journals {
  readonly #journals = new WeakMap<ManagedStream, Journal>();
  readonly #logger: Logger;
  readonly #nowMs: () => number;

  /** Follows the streams that there are and those to come. @param nowMs - ms since 1970. @defaultValue Date.now */
  constructor(registry: StreamRegistry, logger: Logger, nowMs: () => number = Date.now) {
    this.#logger = logger;
    this.#nowMs = nowMs;
    for (const stream of registry.list()) this.#begin(stream);
    registry.on(
      'added',
      this.#safe((stream: ManagedStream) => this.#begin(stream)),
    );
    registry.on(
      'renamed',
      this.#safe((stream: ManagedStream, from: string) => {
        const data = { from, to: stream.id };
        this.#add(stream, { kind: 'renamed', text: `The stream was renamed from ${from} to ${stream.id}.`, data });
      }),
    );
    registry.on(
      'removed',
      this.#safe((stream: ManagedStream) => this.of(stream).news.emit('news', 'gone')),
    );
  }

  /** The events of a stream. */
  of(stream: ManagedStream): Journal {
    return this.#journals.get(stream) ?? this.#begin(stream);
  }

  #begin(stream: ManagedStream): Journal {
    const log = new EventLog();
    const news: Journal['news'] = new EventEmitter();
    news.setMaxListeners(0);
    const journal: Journal = {
      ...{ log, news },
      get lastId() {
        return log.lastId;
      },
      get lostId() {
        return log.lostId;
      },
      list: (range) => log.list(range),
      after: (id) => log.after(id),
      follow: (listener) => {
        news.on('news', listener);
        return () => void news.off('news', listener);
      },
    };
    this.#journals.set(stream, journal);
    this.#listen(stream);
    this.#add(stream, {
      kind: 'added',
      text: `The stream ${stream.id} was added.`,
      data: { url: stream.status.source.url },
    });
    return journal;
  }

  #listen(stream: ManagedStream): void {
    let before: TracedStatus = stream.status;
    let suspectedPtsMs: number | undefined;
    const episodes = new OutageEpisodes(before.state);
    stream.on(
      'status',
      this.#safe((status: TracedStatus) => {
        const changes = statusChanges(before, status);
        const change = { from: before.state, to: status.state };
        before = status;
        const told = change.from === change.to ? undefined : episodes.changed(change, this.#nowMs());
        for (const entry of changes) {
          const instead = entry.kind === 'state' ? told : undefined;
          if (instead !== 'nothing') this.#add(stream, instead ?? entry);
        }
      }),
    );
    stream.on(
      'event',
      this.#safe((event: StreamEvent) => {
        if (NOT_LOGGED.has(event.name)) return;
        if (event.name === 'source_lost' || event.name === 'source_opened') {
          const nowMs = this.#nowMs();
          const isLost = event.name === 'source_lost';
          const loss = { reason: reasonOf(event.details), code: codeOf(event.details) };
          const entry = isLost ? episodes.lost(loss, nowMs) : episodes.opened(nowMs);
          if (entry) this.#add(stream, entry);
          return;
        }
        const text = eventText(event, personOf(stream), suspectedPtsMs);
        if (event.name === 'swap_suspected') suspectedPtsMs = event.ptsMs;
        this.#add(stream, { kind: event.name, text, data: event.details });
      }),
    );
    stream.on(
      'configured',
      this.#safe((changed: ChangedOptions) =>
        this.#add(stream, { kind: 'options_changed', text: changeText(changed), data: { ...changed } }),
      ),
    );
    stream.on(
      'acted',
      this.#safe((action: SlotAction) =>
        this.#add(stream, { kind: 'slots', text: slotText(action, personOf(stream)), data: { ...action } }),
      ),
    );
  }

  #add(stream: ManagedStream, entry: EventEntry): void {
    const { log, news } = this.of(stream);
    if (log.add(entry, this.#nowMs())) news.emit('news', 'event');
  }

  /** A stream must not fail because it could not be told of it. */
  #safe<Arguments extends readonly unknown[]>(listener: (...args: Arguments) => void): (...args: Arguments) => void {
    return safeListener(this.#logger, 'the events of a stream', listener);
  }
}

/** By name where the person has one. */
function personOf(stream: ManagedStream): (trackId: unknown) => string {
  return (trackId) => {
    const person = stream.status.people.find((each) => each.trackId === trackId);
    const named = person !== undefined && 'name' in person && typeof person.name === 'string' ? person.name : '';
    return named === '' ? `person ${String(trackId)}` : named;
  };
}
