import { EventEmitter } from 'node:events';
import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { LoggedEvent } from '../../shared/domain/logged-event.js';
import type { ShotAction } from '../../shared/domain/shot.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { StreamEvent } from '../../shared/ipc/messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { eventWithoutAddresses, hideUrl, withoutAddresses } from '../access/hidden-addresses.js';
import { safeListener } from '../guard/safe-listener.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { EventLog, type EventEntry } from './event-log.js';
import { changeText, codeOf, eventText, reasonOf, shotText, slotText } from './event-text.js';
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
  ...['reid_skipped', 'keyframe-wanted', 'options_changed', 'slots', 'shot'],
  ...['source_recovered', 'source_frozen', 'source_overloaded', 'source_waiting_for_keyframe'],
]);

interface Journal extends StreamJournal {
  readonly log: EventLog;
  readonly news: EventEmitter<{ news: ['event' | 'gone'] }>;
  /** Changes what is told before it is written down. */
  readonly told: Told;
}

/** What is told of a stream, as those see it whom a journal is for. */
interface Told {
  status(status: StreamStatus): TracedStatus;
  event(event: StreamEvent): StreamEvent;
  url(url: string): string;
}

const ALL: Told = { status: (status) => status, event: (event) => event, url: (url) => url };
const WITHOUT_ADDRESSES: Told = { status: withoutAddresses, event: eventWithoutAddresses, url: hideUrl };

/** What happens to one stream, written down twice. */
interface JournalPair {
  /** For those who may know where sources and targets are. */
  readonly all: Journal;
  /** For those who only watch. */
  readonly others: Journal;
}

/** Keeps what happens to the streams, for those who ask or follow. */
export class Journals {
  readonly #journals = new WeakMap<ManagedStream, JournalPair>();
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
        this.#addTo(stream, { kind: 'renamed', text: `The stream was renamed from ${from} to ${stream.id}.`, data });
      }),
    );
    registry.on(
      'removed',
      this.#safe((stream: ManagedStream) => this.#both(stream).forEach(({ news }) => news.emit('news', 'gone'))),
    );
  }

  /** The events of a stream. @param withAddresses - whether they may say where sources and targets are */
  of(stream: ManagedStream, withAddresses = true): StreamJournal {
    const { all, others } = this.#pairOf(stream);
    return withAddresses ? all : others;
  }

  #pairOf(stream: ManagedStream): JournalPair {
    return this.#journals.get(stream) ?? this.#begin(stream);
  }

  #both(stream: ManagedStream): readonly Journal[] {
    const { all, others } = this.#pairOf(stream);
    return [all, others];
  }

  #begin(stream: ManagedStream): JournalPair {
    const pair = { all: createJournal(ALL), others: createJournal(WITHOUT_ADDRESSES) };
    this.#journals.set(stream, pair);
    for (const journal of [pair.all, pair.others]) {
      this.#listen(stream, journal);
      const data = { url: journal.told.url(stream.status.source.url) };
      this.#add(journal, { kind: 'added', text: `The stream ${stream.id} was added.`, data });
    }
    return pair;
  }

  #listen(stream: ManagedStream, journal: Journal): void {
    const { told } = journal;
    let before = told.status(stream.status);
    let suspectedPtsMs: number | undefined;
    const episodes = new OutageEpisodes(before.state);
    stream.on(
      'status',
      this.#safe((now: StreamStatus) => {
        const status = told.status(now);
        const changes = statusChanges(before, status);
        const change = { from: before.state, to: status.state };
        before = status;
        const outage = change.from === change.to ? undefined : episodes.changed(change, this.#nowMs());
        for (const entry of changes) {
          const instead = entry.kind === 'state' ? outage : undefined;
          if (instead !== 'nothing') this.#add(journal, instead ?? entry);
        }
      }),
    );
    stream.on(
      'event',
      this.#safe((happened: StreamEvent) => {
        if (NOT_LOGGED.has(happened.name)) return;
        const event = told.event(happened);
        if (event.name === 'source_lost' || event.name === 'source_opened') {
          const nowMs = this.#nowMs();
          const isLost = event.name === 'source_lost';
          const loss = { reason: reasonOf(event.details), code: codeOf(event.details) };
          const entry = isLost ? episodes.lost(loss, nowMs) : episodes.opened(nowMs);
          if (entry) this.#add(journal, entry);
          return;
        }
        const text = eventText(event, personOf(stream), suspectedPtsMs);
        if (event.name === 'swap_suspected') suspectedPtsMs = event.ptsMs;
        this.#add(journal, { kind: event.name, text, data: event.details });
      }),
    );
    stream.on(
      'configured',
      this.#safe((changed: ChangedOptions) =>
        this.#add(journal, { kind: 'options_changed', text: changeText(changed), data: { ...changed } }),
      ),
    );
    stream.on(
      'shotAsked',
      this.#safe((action: ShotAction) =>
        this.#add(journal, { kind: 'shot_asked', text: shotText(action, personOf(stream)), data: { ...action } }),
      ),
    );
    stream.on(
      'acted',
      this.#safe((action: SlotAction) =>
        this.#add(journal, { kind: 'slots', text: slotText(action, personOf(stream)), data: { ...action } }),
      ),
    );
  }

  #addTo(stream: ManagedStream, entry: EventEntry): void {
    for (const journal of this.#both(stream)) this.#add(journal, entry);
  }

  #add({ log, news }: Journal, entry: EventEntry): void {
    if (log.add(entry, this.#nowMs())) news.emit('news', 'event');
  }

  /** A stream must not fail because it could not be told of it. */
  #safe<Arguments extends readonly unknown[]>(listener: (...args: Arguments) => void): (...args: Arguments) => void {
    return safeListener(this.#logger, 'the events of a stream', listener);
  }
}

function createJournal(told: Told): Journal {
  const log = new EventLog();
  const news: Journal['news'] = new EventEmitter();
  news.setMaxListeners(0);
  return {
    ...{ log, news, told },
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
}

/** By name where the person has one. */
function personOf(stream: ManagedStream): (trackId: unknown) => string {
  return (trackId) => {
    const person = stream.status.people.find((each) => each.trackId === trackId);
    const named = person !== undefined && 'name' in person && typeof person.name === 'string' ? person.name : '';
    return named === '' ? `person ${String(trackId)}` : named;
  };
}
