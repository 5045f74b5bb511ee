import { DiptychError } from '../../../shared/domain/errors.js';
import type { SlotAction } from '../../../shared/domain/slot-action.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';
import { PersonRecord } from './person-record.js';

export interface SlotAssignerOptions {
  /** Tiles there are, 1 … 4. @defaultValue 2 */
  readonly maxTiles?: number;
  /**
   * `position`: who stands further left has the tile further left; `identity`: a person keeps their
   * tile wherever they go. @defaultValue 'position'
   */
  readonly mode?: 'position' | 'identity';
  /**
   * Time constant of the smoothed position, s, > 0. Lower changes sides sooner, higher rides out
   * longer crossings. @defaultValue 0.4
   */
  readonly smoothingS?: number;
  /** Dead band around equal positions, fraction of the frame width, in [0, 0.5]. @defaultValue 0.05 */
  readonly marginRatio?: number;
  /** A person out of sight keeps the tile for this long, s, ≥ 0. @defaultValue 1.5 */
  readonly holdS?: number;
  /**
   * A person has to be followed for this long, s, before they get a tile; whoever is there in the
   * very first frame has it at once. Three detections at 15 a second. @defaultValue 0.13
   */
  readonly confirmS?: number;
}

export interface SlotInput {
  readonly ptsMs: number;
  /** Of the source picture, pixels. */
  readonly width: number;
  readonly tracks: readonly Track[];
}

/** Positions older than this say nothing about who stands where, s. */
const FRESH_S = 0.3;
/** A person lost for longer than this, s, gives way to one who appears in the same place. */
const YIELD_LOST_S = 0.5;
/** By how much more interesting a person without a tile has to be, and for how long, s. */
const CHALLENGE_MARGIN = 0.15;
const CHALLENGE_S = 1;
/** People have passed each other when they are apart by more than this share of their boxes' width. */
const PASSED_RATIO = 0.5;
/** Two people who have changed sides do not change back within this time, s. */
const SETTLE_S = 0.8;
/** So many people who had a tile are remembered in `identity` mode. */
const MAX_HOMES = 64;

/**
 * Decides who fills which tile; slot 0 is the leftmost.
 *
 * Sides, in `position` mode: two people change tiles when their smoothed positions are reversed by
 * more than `marginRatio` and half a box, so jitter and brief crossings change nothing, and a real
 * change of sides does, once (EMA for uneven sampling, α = 1 − e^(−Δt/τ), with walking fed forward;
 * hysteresis as in a Schmitt trigger). Persons: whoever has a tile keeps it, also out of sight for up
 * to `holdS`; a person without one takes it over when clearly more interesting (dwell, size,
 * centrality) for a while.
 *
 * Time is the frames' PTS. No clock, no I/O.
 */
export class SlotAssigner {
  readonly #isByIdentity: boolean;
  readonly #smoothingS: number;
  readonly #marginRatio: number;
  readonly #holdS: number;
  readonly #confirmS: number;
  readonly #people = new Map<TrackId, PersonRecord>();
  readonly #slots: (TrackId | undefined)[];
  readonly #pins: (TrackId | undefined)[];
  /** The tile each person last had, the one who had one least recently first. */
  readonly #homes = new Map<TrackId, number>();
  #isLocked = false;
  /** Who was turned round by hand and stays so until they have really changed sides. */
  #swapped: ReadonlySet<TrackId> | undefined;
  #firstS: number | undefined;
  #nowS = Number.NEGATIVE_INFINITY;

  constructor(options: SlotAssignerOptions = {}) {
    const slotCount = options.maxTiles ?? 2;
    this.#slots = new Array<undefined>(slotCount).fill(undefined);
    this.#pins = new Array<undefined>(slotCount).fill(undefined);
    this.#isByIdentity = options.mode === 'identity';
    this.#smoothingS = options.smoothingS ?? 0.4;
    this.#marginRatio = options.marginRatio ?? 0.05;
    this.#holdS = options.holdS ?? 1.5;
    this.#confirmS = options.confirmS ?? 0.13;
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_PTS_NOT_MONOTONIC` unless `ptsMs` rises. */
  update({ ptsMs, width, tracks }: SlotInput): SlotAssignment {
    if (!(ptsMs / 1000 > this.#nowS)) {
      throw new DiptychError(
        'DIPTYCH_E_PTS_NOT_MONOTONIC',
        `tracks at ${ptsMs} ms came after ${this.#nowS * 1000} ms: give each frame a later PTS`,
      );
    }
    this.#nowS = ptsMs / 1000;
    this.#firstS ??= this.#nowS;
    this.#noteMistaken(tracks);
    this.#note(tracks, width);
    this.#vacate();
    this.#succeed();
    this.#seat();
    if (!this.#isLocked) {
      this.#challenge();
      if (!this.#isByIdentity) this.#keepSides();
    }
    if (this.#isByIdentity) this.#noteHomes();
    return [...this.#slots];
  }

  /**
   * Does what a person asked for; the next {@link update} shows it.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` for a slot or a track that there is not
   */
  apply(command: SlotAction): void {
    switch (command.action) {
      case 'swap':
        this.#slots.reverse();
        this.#pins.reverse();
        this.#swapped = this.#swapped ? undefined : new Set(this.#slots.filter((id) => id !== undefined));
        return;
      case 'lock':
        this.#isLocked = true;
        return;
      case 'unlock':
        this.#isLocked = false;
        this.#pins.fill(undefined);
        this.#swapped = undefined;
        return;
      case 'pin':
        this.#pin(command.slot, command.trackId);
    }
  }

  #pin(slot: number, trackId: TrackId): void {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.#slots.length) {
      const most = this.#slots.length - 1;
      throw new DiptychError(
        'DIPTYCH_E_NOT_FOUND',
        `there is no slot ${slot}: use ${most === 0 ? '0' : `0 (left) to ${most} (right)`}`,
      );
    }
    if (!this.#people.get(trackId)?.isPresent) {
      throw new DiptychError(
        'DIPTYCH_E_NOT_FOUND',
        `nobody is followed under track ${trackId}: use one of the stream's people`,
      );
    }
    const before = this.#slots.indexOf(trackId);
    if (before >= 0) {
      this.#slots[before] = this.#slots[slot];
      this.#pins[before] = before === slot ? undefined : this.#pins[slot];
    }
    this.#slots[slot] = trackId;
    this.#pins[slot] = trackId;
  }

  /**
   * Two people who are suddenly where the other one was have been taken for each other until now. In
   * `position` mode the tiles go on with whoever stands there; otherwise each goes to their own.
   */
  #noteMistaken(tracks: readonly Track[]): void {
    const followed = tracks.flatMap((track) => {
      const person = track.state === 'tracked' ? this.#people.get(track.id) : undefined;
      return person ? [{ track, person }] : [];
    });
    followed.forEach((a, index) => {
      for (const b of followed.slice(index + 1)) {
        if (!a.person.hasPlaceOf(b.person, a.track) || !b.person.hasPlaceOf(a.person, b.track)) continue;
        a.person.exchangePlaces(b.person);
        if (!this.#isByIdentity && !this.#isLocked) this.#exchange(a.person.id, b.person.id);
      }
    });
  }

  /** Exchanges the tiles of two people; a pinned one keeps theirs. */
  #exchange(a: TrackId, b: TrackId): void {
    if (this.#pins.includes(a) || this.#pins.includes(b)) return;
    this.#slots.forEach((id, slot) => {
      if (id === a || id === b) this.#slots[slot] = id === a ? b : a;
    });
  }

  #note(tracks: readonly Track[], width: number): void {
    const seen = new Set<TrackId>();
    const tallest = Math.max(...tracks.map(({ box }) => box.height));
    for (const track of tracks) {
      if (track.state === 'removed') continue;
      seen.add(track.id);
      const person = this.#people.get(track.id) ?? new PersonRecord(track, width);
      person.update(track, { nowS: this.#nowS, width, tallest, smoothingS: this.#smoothingS });
      this.#people.set(track.id, person);
    }
    for (const [id, person] of this.#people) {
      if (seen.has(id)) continue;
      person.leave();
      if (!this.#slots.includes(id)) this.#people.delete(id);
    }
  }

  #vacate(): void {
    this.#slots.forEach((id, slot) => {
      if (id !== undefined && this.#unseenS(id) > this.#holdS) this.#give(slot, undefined);
    });
  }

  /** Somebody new follows a person whose track is gone, or who was lost just there. */
  #succeed(): void {
    for (const candidate of this.#candidates()) {
      const slot = this.#slots
        .map((id, index) => ({ index, holder: id === undefined ? undefined : this.#people.get(id) }))
        .filter(
          ({ holder }) =>
            holder && (!holder.isPresent || (this.#unseenS(holder.id) > YIELD_LOST_S && holder.isSamePlace(candidate))),
        )
        .sort((a, b) => a.holder!.distanceTo(candidate) - b.holder!.distanceTo(candidate))[0]?.index;
      if (slot === undefined) continue;
      const wasPinned = this.#pins[slot] !== undefined;
      this.#give(slot, candidate.id);
      if (wasPinned) this.#pins[slot] = candidate.id;
    }
  }

  /** Fills empty slots with the most interesting people, on the side where they stand. */
  #seat(): void {
    this.#seatAtHome();
    const empty = this.#slots.flatMap((id, slot) => (id === undefined ? [slot] : []));
    const newcomers = this.#candidates()
      .slice(0, empty.length)
      .sort((a, b) => a.centerX - b.centerX);
    const [only] = newcomers;
    if (newcomers.length === 1 && empty.length === this.#slots.length && only) {
      this.#give(only.centerX < 0.5 ? 0 : this.#slots.length - 1, only.id);
      return;
    }
    newcomers.forEach((person, index) => this.#give(empty[index]!, person.id));
  }

  /** Who comes back gets the tile they had, if it is empty. */
  #seatAtHome(): void {
    for (const { id } of this.#candidates()) {
      const home = this.#homes.get(id);
      if (home !== undefined && this.#slots[home] === undefined) this.#give(home, id);
    }
  }

  #noteHomes(): void {
    this.#slots.forEach((id, slot) => {
      if (id === undefined || this.#homes.get(id) === slot) return;
      this.#homes.delete(id);
      this.#homes.set(id, slot);
    });
    for (const id of this.#homes.keys()) {
      if (this.#homes.size <= MAX_HOMES) return;
      this.#homes.delete(id);
    }
  }

  #challenge(): void {
    const [challenger] = this.#candidates();
    const weakest = this.#slots
      .flatMap((id, slot) => {
        const person = id === undefined || this.#pins[slot] === id ? undefined : this.#people.get(id);
        return person ? [{ slot, person }] : [];
      })
      .sort((a, b) => a.person.interest - b.person.interest)[0];
    for (const person of this.#people.values()) {
      const isStronger =
        person === challenger && weakest && person.interest > weakest.person.interest + CHALLENGE_MARGIN;
      if (!isStronger) person.challengingSinceS = undefined;
    }
    if (!challenger || !weakest || challenger.interest <= weakest.person.interest + CHALLENGE_MARGIN) return;
    challenger.challengingSinceS ??= this.#nowS;
    if (this.#nowS - challenger.challengingSinceS >= CHALLENGE_S) this.#give(weakest.slot, challenger.id);
  }

  #keepSides(): void {
    const seats = this.#slots.flatMap((id, slot) => {
      const person = id === undefined || this.#pins[slot] === id ? undefined : this.#people.get(id);
      return person ? [{ slot, person }] : [];
    });
    if (seats.length < 2 || this.#isSwapKept(seats.map(({ person }) => person))) return;
    seats.forEach((left, index) => {
      for (const right of seats.slice(index + 1)) {
        if (!this.#havePassed(left.person, right.person)) continue;
        left.person.changedSides = { with: right.person.id, atS: this.#nowS };
        right.person.changedSides = { with: left.person.id, atS: this.#nowS };
        [left.person, right.person] = [right.person, left.person];
        for (const { slot, person } of [left, right]) this.#slots[slot] = person.id;
      }
    });
  }

  /** An exchange by hand ends when the people stand as they are shown, or others are. */
  #isSwapKept(people: readonly PersonRecord[]): boolean {
    if (!this.#swapped) return false;
    const swapped = this.#swapped;
    const isOver = people.slice(1).every((right, index) => this.#lead(people[index]!, right) > this.#marginRatio);
    if (isOver || !people.every(({ id }) => swapped.has(id))) this.#swapped = undefined;
    return !isOver && this.#swapped !== undefined;
  }

  /** Whether two who are shown as `left` and `right` stand the other way round. */
  #havePassed(left: PersonRecord, right: PersonRecord): boolean {
    const band = Math.max(this.#marginRatio, (PASSED_RATIO * (left.widthRatio + right.widthRatio)) / 2);
    return this.#lead(left, right) < -band && !this.#haveJustPassed(left, right);
  }

  /** How far to the right of `left` the other stands, fraction of the width; not a number unless both are in sight. */
  #lead(left: PersonRecord, right: PersonRecord): number {
    const areFresh = [left, right].every(({ id }) => this.#unseenS(id) <= FRESH_S);
    return areFresh ? right.centerX - left.centerX : Number.NaN;
  }

  #haveJustPassed(a: PersonRecord, b: PersonRecord): boolean {
    const isRecent = (one: PersonRecord, other: PersonRecord): boolean =>
      one.changedSides?.with === other.id && this.#nowS - one.changedSides.atS < SETTLE_S;
    return isRecent(a, b) || isRecent(b, a);
  }

  #give(slot: number, trackId: TrackId | undefined): void {
    this.#slots[slot] = trackId;
    this.#pins[slot] = undefined;
  }

  /** Confirmed people in sight without a tile, the most interesting first. */
  #candidates(): readonly PersonRecord[] {
    return [...this.#people.values()]
      .filter((person) => person.isFollowed && !this.#slots.includes(person.id))
      .filter((person) => this.#isConfirmed(person))
      .sort((a, b) => b.interest - a.interest || a.id - b.id);
  }

  #isConfirmed({ bornS }: PersonRecord): boolean {
    return this.#nowS - bornS >= this.#confirmS || bornS <= this.#firstS!;
  }

  #unseenS(id: TrackId): number {
    const person = this.#people.get(id);
    return person ? this.#nowS - person.seenS : Number.POSITIVE_INFINITY;
  }
}
