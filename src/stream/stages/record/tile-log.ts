import type { LayoutName } from '../../../shared/domain/layout.js';
import type { SlotAssignment, TrackId } from '../../../shared/domain/track.js';

/** What one output picture shows. */
export interface ShownPicture {
  /** How it is divided, or is changing to. */
  readonly layout: LayoutName;
  /** Who is in which tile. */
  readonly slots: SlotAssignment;
}

/** Something that happened, by the running time. */
export interface LoggedEvent {
  /** Running time, ms. */
  readonly ptsMs: number;
  /** As `JournalEvent.type`. */
  readonly type: string;
  /** Depend on the type. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A change of what is shown, by the running time. */
export interface LoggedPicture extends ShownPicture {
  /** Of the first picture that shows it, running time, ms. */
  readonly ptsMs: number;
}

/** What a {@link TileLog} knows of a span of time. */
export interface LoggedSpan {
  /** What was shown at its beginning, then each change. */
  readonly shown: readonly LoggedPicture[];
  /** In the order of time. */
  readonly events: readonly LoggedEvent[];
}

/** Entries that are kept, at most: more than any segment has. */
const MAX_ENTRIES = 20_000;

/**
 * Who was in which tile when. A segment becomes known some seconds after it began, so entries are kept until they
 * are not needed any more ({@link TileLog.forget}).
 */
export class TileLog {
  #shown: LoggedPicture[] = [];
  #events: LoggedEvent[] = [];

  /** A picture goes out; only changes are noted. */
  picture(ptsMs: number, { layout, slots }: ShownPicture): void {
    const before = this.#shown.at(-1);
    if (before?.layout === layout && isSame(before.slots, slots)) return;
    this.#shown.push({ ptsMs, layout, slots: [...slots] });
    if (this.#shown.length > MAX_ENTRIES) this.#shown.shift();
    if (before === undefined) return;
    this.#noteMoves(ptsMs, before.slots, slots);
    if (before.layout !== layout) this.event({ ptsMs, type: 'shot', details: { from: before.layout, to: layout } });
  }

  /** Something happened. */
  event(event: LoggedEvent): void {
    this.#events.push(event);
    if (this.#events.length > MAX_ENTRIES) this.#events.shift();
  }

  /** What happened from `fromMs` (included) to `toMs` (not included). */
  between(fromMs: number, toMs: number): LoggedSpan {
    const atStart = this.#shown.findLast(({ ptsMs }) => ptsMs <= fromMs);
    const later = this.#shown.filter(({ ptsMs }) => ptsMs > fromMs && ptsMs < toMs);
    return {
      shown: [...(atStart ? [{ ...atStart, ptsMs: fromMs }] : []), ...later],
      events: this.#events
        .filter(({ ptsMs }) => ptsMs >= fromMs && ptsMs < toMs)
        .sort((one, other) => one.ptsMs - other.ptsMs),
    };
  }

  /** Nobody will ask for what was before; what was shown then is kept. */
  forget(beforeMs: number): void {
    const first = this.#shown.findLastIndex(({ ptsMs }) => ptsMs <= beforeMs);
    if (first > 0) this.#shown = this.#shown.slice(first);
    this.#events = this.#events.filter(({ ptsMs }) => ptsMs >= beforeMs);
  }

  #noteMoves(ptsMs: number, before: SlotAssignment, now: SlotAssignment): void {
    const moves = now.flatMap((trackId, slot) => {
      const from = trackId === undefined ? -1 : before.indexOf(trackId);
      return trackId !== undefined && from >= 0 && from !== slot ? [{ trackId, from, slot }] : [];
    });
    const swap = moves.find(({ from, slot }) => moves.some((other) => other.from === slot && other.slot === from));
    if (swap && moves.length === 2) {
      const people = moves.map(({ trackId, slot }) => ({ trackId, slot }));
      this.event({ ptsMs, type: 'swapped', details: { people } });
    } else {
      for (const { trackId, from, slot } of moves)
        this.event({ ptsMs, type: 'moved', details: { trackId, from, slot } });
    }
    for (const [trackId, slot] of missing(before, now)) this.event({ ptsMs, type: 'left', details: { trackId, slot } });
    for (const [trackId, slot] of missing(now, before))
      this.event({ ptsMs, type: 'entered', details: { trackId, slot } });
  }
}

const isSame = (one: SlotAssignment, other: SlotAssignment): boolean =>
  one.length === other.length && one.every((trackId, slot) => trackId === other[slot]);

/** Who is in `people`, and not in `others`, with the tile. */
function missing(people: SlotAssignment, others: SlotAssignment): readonly (readonly [TrackId, number])[] {
  return people.flatMap((trackId, slot) =>
    trackId === undefined || others.includes(trackId) ? [] : [[trackId, slot] as const],
  );
}
