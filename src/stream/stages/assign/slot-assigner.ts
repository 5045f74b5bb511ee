import { DiptychError } from '../../../shared/domain/errors.js';
import type { TileAction, TileHold } from '../../../shared/domain/slot-action.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';
import { HomeSlots } from './home-slots.js';
import { PersonRecord } from './person-record.js';
import { havePassed, leadOf } from './side-order.js';
import type { SlotAssignerOptions, SlotInput } from './slot-options.js';
import { SlotTable } from './slot-table.js';
import { TilesBefore } from './tiles-before.js';

/** A person lost for longer than this, s, gives way to one who appears in the same position. */
const YIELD_LOST_S = 0.5;
/** By how much more interesting a person without a slot has to be, and for how long, s. */
const CHALLENGE_MARGIN = 0.15;
const CHALLENGE_S = 1;

/**
 * Decides who has which slot; slot 0 is the leftmost.
 *
 * Sides, in `position` mode: two people change slots when their smoothed positions are reversed by
 * more than `marginRatio` and half a box, so jitter and brief crossings change nothing, and a real
 * change of sides does, once (EMA for uneven sampling, α = 1 − e^(−Δt/τ), with walking fed forward;
 * hysteresis as in a Schmitt trigger). Persons: whoever has a slot keeps it, also out of sight for up
 * to `holdS`; a person without one takes it over when clearly more interesting (dwell, size,
 * centrality) for a while.
 *
 * Time is the frames' PTS. No clock, no I/O.
 */
export class SlotAssigner {
  readonly #options: SlotAssignerOptions;
  readonly #people = new Map<TrackId, PersonRecord>();
  readonly #slots: SlotTable;
  readonly #homes = new HomeSlots();
  #before: TilesBefore | undefined;
  #isLocked = false;
  #isSwapDue = false;
  /** People swapped by a user, who stay so until they have really changed sides. */
  #swapped: ReadonlySet<TrackId> | undefined;
  #firstS: number | undefined;
  #nowS = Number.NEGATIVE_INFINITY;

  constructor(options: SlotAssignerOptions = {}) {
    this.#options = options;
    this.#slots = new SlotTable(options.maxTiles ?? 2);
    const { before } = options;
    if (!before) return;
    this.#before = new TilesBefore(before, this.#isByIdentity);
    if (this.#isByIdentity) this.#homes.remember(before.tiles.map(({ trackId }) => trackId));
  }

  /**
   * Takes in one frame and decides.
   *
   * @param leftOut - people who have no slot from this frame on; they are not among the tracks
   * @throws {@link DiptychError} `DIPTYCH_E_PTS_NOT_MONOTONIC` unless `ptsMs` rises
   */
  update({ ptsMs, width, tracks }: SlotInput, leftOut?: ReadonlySet<TrackId>): SlotAssignment {
    if (!(ptsMs / 1000 > this.#nowS)) {
      throw new DiptychError(
        'DIPTYCH_E_PTS_NOT_MONOTONIC',
        `tracks at ${ptsMs} ms came after ${this.#nowS * 1000} ms: give each frame a later PTS`,
      );
    }
    this.#nowS = ptsMs / 1000;
    this.#firstS ??= this.#nowS;
    this.#slots.resize(this.#options.maxTiles ?? 2);
    this.#followMerges(tracks);
    this.#followExchanges(tracks);
    this.#updatePeople(tracks, width);
    this.#vacate(leftOut);
    this.#succeed();
    this.#fillEmpty();
    if (this.#isSwapDue && this.#slots.ids.length > 1) this.#swap();
    if (!this.#isLocked) this.#challenge();
    if (!this.#isLocked && !this.#isByIdentity) this.#keepSides();
    const { assignment } = this.#slots;
    if (this.#isByIdentity) this.#homes.remember(assignment);
    return this.#withoutTheUnsure(assignment, tracks);
  }

  /**
   * Does what a user asked for; the next {@link update} shows it.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` for a slot or a track that does not exist
   */
  apply(command: TileAction): void {
    switch (command.action) {
      case 'swap':
        // Asked while nobody had a slot, it is for the next who do.
        if (this.#slots.ids.length > 0) this.#swap();
        else this.#isSwapDue = !this.#isSwapDue;
        return;
      case 'lock':
        this.#isLocked = true;
        return;
      case 'unlock':
        this.#isLocked = false;
        this.#isSwapDue = false;
        this.#slots.unpin();
        this.#before?.unpin();
        this.#swapped = undefined;
        return;
      case 'pin':
        this.#pin(command.slot, command.trackId);
    }
  }

  /** What users have fixed so far. */
  get hold(): TileHold {
    return { isLocked: this.#isLocked, pinned: this.#slots.pinned };
  }

  get #isByIdentity(): boolean {
    return this.#options.mode === 'identity';
  }

  #swap(): void {
    this.#slots.reverse();
    this.#isSwapDue = false;
    this.#swapped = this.#swapped ? undefined : new Set(this.#slots.ids);
  }

  #pin(slot: number, trackId: TrackId): void {
    const isHere = this.#people.get(trackId)?.isPresent === true;
    const exists = Number.isInteger(slot) && slot >= 0 && slot < this.#slots.count;
    if (exists && !isHere) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no track ${trackId}: use one of the stream's people`);
    }
    this.#slots.pin(slot, trackId);
  }

  /** Tiles that belong to persons, not places, show nobody after a cut as long as it is not sure who is there. */
  #withoutTheUnsure(assignment: SlotAssignment, tracks: readonly Track[]): SlotAssignment {
    const unsure = new Set(tracks.filter(({ doubt }) => doubt === 'cut').map(({ id }) => id));
    if (unsure.size === 0) return assignment;
    const isOwn = (slot: number): boolean => this.#isLocked || this.#isByIdentity || this.#slots.isPinned(slot);
    return assignment.map((id, slot) => (id !== undefined && unsure.has(id) && isOwn(slot) ? undefined : id));
  }

  /** Somebody who was followed as two people goes on as one, in the tile of either. */
  #followMerges(tracks: readonly Track[]): void {
    for (const { id, mergedIds = [] } of tracks) {
      for (const former of mergedIds) {
        if (this.#slots.has(former)) this.#slots.merge(former, id);
        this.#people.delete(former);
      }
    }
  }

  /**
   * Two people who are suddenly in each other's position were swapped by the tracker until now. In `position`
   * mode the slots go on with the person in that position; otherwise each person keeps their own.
   */
  #followExchanges(tracks: readonly Track[]): void {
    const tracked = tracks.flatMap((track) => {
      const person = track.state === 'tracked' ? this.#people.get(track.id) : undefined;
      return person ? [{ track, person }] : [];
    });
    tracked.forEach((a, index) => {
      for (const b of tracked.slice(index + 1)) {
        if (!a.person.hasPositionOf(b.person, a.track) || !b.person.hasPositionOf(a.person, b.track)) continue;
        a.person.exchangePositions(b.person);
        if (!this.#isByIdentity && !this.#isLocked) this.#slots.exchange(a.person.id, b.person.id);
      }
    });
  }

  #updatePeople(tracks: readonly Track[], width: number): void {
    const seen = new Set<TrackId>();
    const tallest = Math.max(...tracks.map(({ box }) => box.height));
    for (const track of tracks) {
      if (track.state === 'removed') continue;
      seen.add(track.id);
      const person = this.#people.get(track.id) ?? new PersonRecord(track, width);
      person.update(track, { nowS: this.#nowS, width, tallest, smoothingS: this.#options.smoothingS ?? 0.4 });
      this.#people.set(track.id, person);
    }
    for (const [id, person] of this.#people) {
      if (seen.has(id)) continue;
      person.leave();
      if (!this.#slots.has(id)) this.#people.delete(id);
    }
  }

  #vacate(leftOut?: ReadonlySet<TrackId>): void {
    this.#slots.assignment.forEach((id, slot) => {
      if (id === undefined) return;
      const isOver = leftOut?.has(id) === true || this.#unseenS(id) > (this.#options.holdS ?? 1.5);
      if (isOver) this.#slots.give(slot, undefined);
    });
  }

  /** A new person takes the slot of one whose track was removed, or who was lost in the same position. */
  #succeed(): void {
    for (const candidate of this.#candidates()) {
      const slot = this.#slots.assignment
        .map((id, index) => ({ index, holder: id === undefined ? undefined : this.#people.get(id) }))
        .filter(
          ({ holder }) =>
            holder &&
            (!holder.isPresent || (this.#unseenS(holder.id) > YIELD_LOST_S && holder.isSamePosition(candidate))),
        )
        .sort((a, b) => a.holder!.distanceTo(candidate) - b.holder!.distanceTo(candidate))[0]?.index;
      if (slot !== undefined) this.#slots.inherit(slot, candidate.id);
    }
  }

  /** Fills empty slots with the most interesting people, on the side where they are. */
  #fillEmpty(): void {
    if (!this.#fillAsBefore() || this.#candidates().length === 0) return;
    for (const { id } of this.#candidates()) {
      const home = this.#homes.of(id);
      if (home !== undefined && this.#slots.empty.includes(home)) this.#slots.give(home, id);
    }
    const { empty, count } = this.#slots;
    const newcomers = this.#candidates()
      .slice(0, empty.length)
      .sort((a, b) => a.centerX - b.centerX);
    const [only] = newcomers;
    if (newcomers.length === 1 && empty.length === count && only) {
      this.#slots.give(only.centerX < 0.5 ? 0 : count - 1, only.id);
      return;
    }
    newcomers.forEach((person, index) => this.#slots.give(empty[index]!, person.id));
  }

  /** As the run before left them. @returns whether what is empty is for anybody */
  #fillAsBefore(): boolean {
    if (!this.#before) return true;
    if (!this.#before.fill(this.#slots, this.#candidates(), this.#nowS)) return false;
    if (this.#before.isSwapped && !this.#isByIdentity) this.#swapped = new Set(this.#slots.ids);
    this.#before = undefined;
    return true;
  }

  /** The most interesting person without a slot takes that of the least interesting one with a slot. */
  #challenge(): void {
    const [challenger] = this.#candidates();
    const weakest = challenger && this.#movable().sort((a, b) => a.person.interest - b.person.interest)[0];
    for (const person of this.#people.values()) {
      const limit = weakest && weakest.person.interest + CHALLENGE_MARGIN;
      if (person !== challenger || !(person.interest > (limit ?? Infinity))) person.challengingSinceS = undefined;
    }
    if (!challenger || !weakest || challenger.interest <= weakest.person.interest + CHALLENGE_MARGIN) return;
    challenger.challengingSinceS ??= this.#nowS;
    if (this.#nowS - challenger.challengingSinceS >= CHALLENGE_S) this.#slots.give(weakest.slot, challenger.id);
  }

  /** Exchanges the slots of people who have changed sides. */
  #keepSides(): void {
    const holders = this.#movable();
    if (holders.length < 2 || this.#isSwapKept(holders.map(({ person }) => person))) return;
    holders.forEach((left, index) => {
      for (const right of holders.slice(index + 1)) {
        if (!havePassed(left.person, right.person, this.#nowS, this.#options.marginRatio ?? 0.05)) continue;
        left.person.changedSides = { with: right.person.id, atS: this.#nowS };
        right.person.changedSides = { with: left.person.id, atS: this.#nowS };
        [left.person, right.person] = [right.person, left.person];
        for (const { slot, person } of [left, right]) this.#slots.give(slot, person.id);
      }
    });
  }

  /** A swap by a user ends when the people are in the order in which they are shown, or others are shown. */
  #isSwapKept(people: readonly PersonRecord[]): boolean {
    const swapped = this.#swapped;
    if (!swapped) return false;
    const isOver = people
      .slice(1)
      .every((right, index) => leadOf(people[index]!, right, this.#nowS) > (this.#options.marginRatio ?? 0.05));
    if (isOver || !people.every(({ id }) => swapped.has(id))) this.#swapped = undefined;
    return !isOver && this.#swapped !== undefined;
  }

  /** People with a slot that they are not pinned to, from left to right. */
  #movable(): { readonly slot: number; person: PersonRecord }[] {
    return this.#slots.assignment.flatMap((id, slot) => {
      const person = id === undefined || this.#slots.isPinned(slot) ? undefined : this.#people.get(id);
      return person ? [{ slot, person }] : [];
    });
  }

  /** Confirmed people in sight without a slot, the most interesting first. */
  #candidates(): readonly PersonRecord[] {
    const found: PersonRecord[] = [];
    for (const person of this.#people.values()) {
      if (person.isTracked && !this.#slots.has(person.id) && this.#isConfirmed(person)) found.push(person);
    }
    return found.length > 1 ? found.sort((a, b) => b.interest - a.interest || a.id - b.id) : found;
  }

  /** Whoever is recognised is no mistake of the detector. */
  #isConfirmed({ bornS, isRecognised }: PersonRecord): boolean {
    return isRecognised || this.#nowS - bornS >= (this.#options.confirmS ?? 0.13) || bornS <= this.#firstS!;
  }

  #unseenS(id: TrackId): number {
    return this.#nowS - (this.#people.get(id)?.seenS ?? Number.NEGATIVE_INFINITY);
  }
}
