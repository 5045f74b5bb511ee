import { DiptychError } from '../../../shared/domain/errors.js';
import type { SlotAssignment, TrackId } from '../../../shared/domain/track.js';

/** Who has which slot, and which of them were pinned by a user. Slot 0 is the leftmost. */
export class SlotTable {
  readonly #slots: (TrackId | undefined)[];
  readonly #pins: (TrackId | undefined)[];

  /**
   * All slots are empty at first.
   *
   * @param count - number of slots, 1 … 4
   */
  constructor(count: number) {
    this.#slots = new Array<undefined>(count).fill(undefined);
    this.#pins = new Array<undefined>(count).fill(undefined);
  }

  /** Number of slots. */
  get count(): number {
    return this.#slots.length;
  }

  /** Who has each slot now; a copy. */
  get assignment(): SlotAssignment {
    return [...this.#slots];
  }

  /** People with a slot, from left to right. */
  get ids(): readonly TrackId[] {
    return this.#slots.filter((id) => id !== undefined);
  }

  /** Slots without a person, from left to right. */
  get empty(): readonly number[] {
    return this.#slots.flatMap((id, slot) => (id === undefined ? [slot] : []));
  }

  /** Whether this person has a slot. */
  has(id: TrackId): boolean {
    return this.#slots.includes(id);
  }

  /** Whether the person of this slot was pinned to it. */
  isPinned(slot: number): boolean {
    return this.#pins[slot] !== undefined;
  }

  /** Who is pinned, from left to right. */
  get pinned(): readonly TrackId[] {
    return this.#pins.filter((id) => id !== undefined);
  }

  /** Gives a slot, without a pin. */
  give(slot: number, id: TrackId | undefined): void {
    this.#slots[slot] = id;
    this.#pins[slot] = undefined;
  }

  /** Gives a slot, keeping a pin: the new person has it then. */
  inherit(slot: number, id: TrackId): void {
    const wasPinned = this.isPinned(slot);
    this.give(slot, id);
    if (wasPinned) this.#pins[slot] = id;
  }

  /**
   * Pins a person to a slot; whoever had it gets the slot that the person had, or none.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` for a slot that does not exist
   */
  pin(slot: number, id: TrackId): void {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.count) {
      const last = this.count - 1;
      throw new DiptychError(
        'DIPTYCH_E_NOT_FOUND',
        `there is no slot ${slot}: use ${last === 0 ? '0' : `0 (left) to ${last} (right)`}`,
      );
    }
    const before = this.#slots.indexOf(id);
    if (before >= 0) {
      this.#slots[before] = this.#slots[slot];
      this.#pins[before] = before === slot ? undefined : this.#pins[slot];
    }
    this.#slots[slot] = id;
    this.#pins[slot] = id;
  }

  /** Two people are one: the slot and the pin of the first are the second's, unless that one has a slot. */
  merge(former: TrackId, id: TrackId): void {
    const slot = this.#slots.indexOf(former);
    if (slot < 0) return;
    if (this.has(id)) this.give(slot, undefined);
    else this.inherit(slot, id);
  }

  /** Removes all pins; the slots stay. */
  unpin(): void {
    this.#pins.fill(undefined);
  }

  /** Exchanges the slots of two people, if they have any; nothing happens where one of them is pinned. */
  exchange(a: TrackId, b: TrackId): void {
    if (this.#pins.includes(a) || this.#pins.includes(b)) return;
    this.#slots.forEach((id, slot) => {
      if (id === a || id === b) this.#slots[slot] = id === a ? b : a;
    });
  }

  /** Changes the number of slots: further ones are empty, and those on the right go, with who has them. */
  resize(count: number): void {
    while (this.#slots.length < count) {
      this.#slots.push(undefined);
      this.#pins.push(undefined);
    }
    this.#slots.length = count;
    this.#pins.length = count;
  }

  /** Turns the order of the slots round, with their pins. */
  reverse(): void {
    this.#slots.reverse();
    this.#pins.reverse();
  }
}
