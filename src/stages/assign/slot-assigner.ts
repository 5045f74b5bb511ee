import { DiptychError } from '#domain/errors.js';
import type { SlotAction } from '#domain/slot-action.js';
import type { SlotAssignment, Track, TrackId } from '#domain/track.js';
import { PersonRecord } from './person-record.js';

export interface SlotAssignerOptions {
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
   * very first frame has it at once. @defaultValue 0.25
   */
  readonly confirmS?: number;
}

export interface SlotInput {
  readonly ptsMs: number;
  /** Of the source picture, pixels. */
  readonly width: number;
  readonly tracks: readonly Track[];
}

const SLOT_COUNT = 2;
/** Positions older than this say nothing about who stands where, s. */
const FRESH_S = 0.3;
/** A person lost for longer than this, s, gives way to one who appears in the same place. */
const YIELD_LOST_S = 0.5;
/** By how much more interesting a person without a tile has to be, and for how long, s. */
const CHALLENGE_MARGIN = 0.15;
const CHALLENGE_S = 1;

/**
 * Decides who fills the left tile (slot 0) and who the right one (slot 1).
 *
 * Sides: the people change tiles only when their smoothed positions are reversed by more than
 * `marginRatio`, so jitter and brief crossings change nothing, and a real change of sides does,
 * once (EMA for uneven sampling, α = 1 − e^(−Δt/τ); hysteresis as in a Schmitt trigger).
 * Persons: whoever has a tile keeps it, also out of sight for up to `holdS`; a person without one
 * takes it over when clearly more interesting (dwell, size, centrality) for a while.
 *
 * Time is the frames' PTS. No clock, no I/O.
 */
export class SlotAssigner {
  readonly #smoothingS: number;
  readonly #marginRatio: number;
  readonly #holdS: number;
  readonly #confirmS: number;
  readonly #people = new Map<TrackId, PersonRecord>();
  #slots: (TrackId | undefined)[] = new Array<undefined>(SLOT_COUNT).fill(undefined);
  #pins: (TrackId | undefined)[] = new Array<undefined>(SLOT_COUNT).fill(undefined);
  #isLocked = false;
  /** The pair that was exchanged by hand and stays so until they have really changed sides. */
  #swapped: readonly (TrackId | undefined)[] | undefined;
  #firstS: number | undefined;
  #nowS = Number.NEGATIVE_INFINITY;

  constructor(options: SlotAssignerOptions = {}) {
    this.#smoothingS = options.smoothingS ?? 0.4;
    this.#marginRatio = options.marginRatio ?? 0.05;
    this.#holdS = options.holdS ?? 1.5;
    this.#confirmS = options.confirmS ?? 0.25;
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
    this.#note(tracks, width);
    this.#vacate();
    this.#succeed();
    this.#seat();
    if (!this.#isLocked) {
      this.#challenge();
      this.#keepSides();
    }
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
        this.#swapped = this.#swapped ? undefined : [...this.#slots];
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
    if (!Number.isInteger(slot) || slot < 0 || slot >= SLOT_COUNT) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no slot ${slot}: use 0 (left) or 1 (right)`);
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
            holder &&
            (!holder.isPresent ||
              (this.#unseenS(holder.id) > YIELD_LOST_S && holder.isSamePlace(candidate))),
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
    const empty = this.#slots.flatMap((id, slot) => (id === undefined ? [slot] : []));
    const newcomers = this.#candidates()
      .slice(0, empty.length)
      .sort((a, b) => a.centerX - b.centerX);
    const [only] = newcomers;
    if (newcomers.length === 1 && empty.length > 1 && only) {
      this.#give(only.centerX < 0.5 ? 0 : SLOT_COUNT - 1, only.id);
      return;
    }
    newcomers.forEach((person, index) => this.#give(empty[index]!, person.id));
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
    const [left, right] = this.#slots.map((id) => (id === undefined ? undefined : this.#people.get(id)));
    if (!left || !right || this.#pins.some((id) => id !== undefined)) return;
    if (this.#unseenS(left.id) > FRESH_S || this.#unseenS(right.id) > FRESH_S) return;
    const gap = right.centerX - left.centerX;
    const isSwapped = this.#swapped?.includes(left.id) === true && this.#swapped.includes(right.id);
    if (isSwapped) {
      if (gap > this.#marginRatio) this.#swapped = undefined;
      return;
    }
    this.#swapped = undefined;
    if (gap < -this.#marginRatio) this.#slots.reverse();
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
