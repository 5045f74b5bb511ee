import { DiptychError } from '../../../shared/domain/errors.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';

/** How people get names. */
export interface PeopleNamesOptions {
  /** Names in the order in which people first have a tile; an empty one is given and not shown. May change. */
  readonly names: readonly string[];
  /** Whether a person who is away would be known again. @defaultValue nobody */
  readonly isRecognisable?: (trackId: TrackId) => boolean;
  /** Names that people have from the start; empty for one who is to have none. @defaultValue nobody */
  readonly remembered?: ReadonlyMap<TrackId, string>;
}

/** What is needed of one frame. */
export interface NamedInput {
  /** Milliseconds. */
  readonly ptsMs: number;
  /** People in the frame, under their identities. */
  readonly tracks: readonly Track[];
  /** Who has which tile. */
  readonly slots: SlotAssignment;
}

/** Names of people, by identity; those without one are not in it. */
export type NamesByPerson = ReadonlyMap<TrackId, string>;

interface GivenName {
  readonly name: string;
  /** Place in the list of names; absent for a name that is not in it. */
  readonly index?: number;
}

/**
 * People who come within this time are named from left to right, ms: which of them was detected first is chance. A
 * false track that is gone by then takes no name.
 */
const SETTLE_MS = 1000;

/**
 * Decides who has which name. A name belongs to an identity, whatever tile the person has, and while they are away;
 * it becomes free only when the person could not be known again. Time is the frames' PTS. No clock, no I/O.
 */
export class PeopleNames {
  readonly #options: PeopleNamesOptions;
  readonly #given = new Map<TrackId, GivenName>();
  /** Since when people without a name have had a tile, by identity, ms. */
  readonly #waiting = new Map<TrackId, number>();
  #list: readonly string[];
  #present: ReadonlySet<TrackId> = new Set();
  #names: NamesByPerson | undefined;

  constructor(options: PeopleNamesOptions) {
    this.#options = options;
    this.#list = options.names;
    for (const [trackId, name] of options.remembered ?? []) this.#given.set(trackId, this.#place(name));
  }

  /** Takes in one frame. The same map is returned as long as no name has changed. */
  update({ ptsMs, tracks, slots }: NamedInput): NamesByPerson {
    this.#present = new Set(tracks.map(({ id }) => id));
    this.#followMerges(tracks);
    this.#followList(this.#options.names);
    this.#forgetTheGone();
    this.#nameNewcomers(ptsMs, slots);
    this.#names ??= new Map(
      [...this.#given].flatMap(([trackId, { name }]) => (name === '' ? [] : [[trackId, name] as const])),
    );
    return this.#names;
  }

  /** Every name that was given, empty ones included. */
  get given(): NamesByPerson {
    return new Map([...this.#given].map(([trackId, { name }]) => [trackId, name]));
  }

  /**
   * Somebody says who a person is; an empty name takes the person's name away. Whoever had this name gets the one that
   * the person had until now.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where there is no such person
   */
  give(trackId: TrackId, text: string): void {
    const former = this.#given.get(trackId);
    if (!former && !this.#present.has(trackId)) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no person ${trackId}: use one of the stream's people`);
    }
    const name = text.trim();
    const holder = name === '' ? undefined : [...this.#given].find(([, given]) => given.name === name)?.[0];
    if (holder === trackId) return;
    this.#given.set(trackId, this.#place(name, holder));
    if (holder !== undefined) this.#given.set(holder, former ?? { name: '' });
    this.#names = undefined;
  }

  /** A name with its place in the list, which is free or that of `holder`. */
  #place(name: string, holder?: TrackId): GivenName {
    const place = holder === undefined ? undefined : this.#given.get(holder)?.index;
    const taken = new Set([...this.#given.values()].map(({ index }) => index));
    const index = place ?? this.#list.findIndex((one, at) => name !== '' && one.trim() === name && !taken.has(at));
    return index < 0 ? { name } : { name, index };
  }

  /** Names that are still in the list stay with their people; in the place of one that is not, the new one counts. */
  #followList(list: readonly string[]): void {
    const former = this.#list;
    if (list === former) return;
    this.#list = list;
    if (list.length === former.length && list.every((name, index) => name === former[index])) return;
    this.#names = undefined;
    const people = [...this.#given];
    for (const [trackId] of people) this.#given.delete(trackId);
    for (const [trackId, { name }] of people) {
      const placed = this.#place(name);
      if (placed.index !== undefined) this.#given.set(trackId, placed);
    }
    for (const [trackId, given] of people) {
      if (this.#given.has(trackId)) continue;
      if (given.index === undefined) this.#given.set(trackId, given);
      else this.#rename(trackId, given.index, former);
    }
  }

  #rename(trackId: TrackId, index: number, former: readonly string[]): void {
    const name = this.#list[index];
    const isTaken = [...this.#given.values()].some((given) => given.index === index);
    if (name !== undefined && !isTaken && !former.includes(name))
      this.#given.set(trackId, { name: name.trim(), index });
  }

  /** Who was followed as two people has one name: that of whoever they go on as, or else the other one. */
  #followMerges(tracks: readonly Track[]): void {
    for (const { id, mergedIds = [] } of tracks) {
      for (const former of mergedIds) {
        const given = this.#given.get(former);
        if (!given) continue;
        this.#given.delete(former);
        if (!this.#given.get(id)?.name) this.#given.set(id, given);
        this.#names = undefined;
      }
    }
  }

  #forgetTheGone(): void {
    const { isRecognisable } = this.#options;
    for (const trackId of this.#given.keys()) {
      if (this.#present.has(trackId) || isRecognisable?.(trackId) === true) continue;
      this.#given.delete(trackId);
      this.#names = undefined;
    }
  }

  #nameNewcomers(ptsMs: number, slots: SlotAssignment): void {
    const newcomers = slots.flatMap((id) => (id === undefined || this.#given.has(id) ? [] : [id]));
    for (const id of this.#waiting.keys()) if (!newcomers.includes(id)) this.#waiting.delete(id);
    for (const id of newcomers) if (!this.#waiting.has(id)) this.#waiting.set(id, ptsMs);
    if (newcomers.length === 0 || ptsMs - Math.min(...this.#waiting.values()) < SETTLE_MS) return;
    for (const id of newcomers) {
      const taken = new Set([...this.#given.values()].map((given) => given.index));
      const index = this.#list.findIndex((_name, at) => !taken.has(at));
      if (index < 0) return;
      this.#given.set(id, { name: this.#list[index]!.trim(), index });
      this.#waiting.delete(id);
      this.#names = undefined;
    }
  }
}
