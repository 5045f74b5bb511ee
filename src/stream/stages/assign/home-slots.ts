import type { SlotAssignment, TrackId } from '../../../shared/domain/track.js';

/** So many people who had a slot are remembered. */
const MAX_PEOPLE = 64;

/** The slot that each person had last, for people who come back. */
export class HomeSlots {
  /** The person who got a slot least recently is the first. */
  readonly #homes = new Map<TrackId, number>();

  /** The slot that this person had last; `undefined` for one who had none. */
  of(id: TrackId): number | undefined {
    return this.#homes.get(id);
  }

  /** Remembers who has which slot; over 64 people the oldest are forgotten. */
  remember(slots: SlotAssignment): void {
    slots.forEach((id, slot) => {
      if (id === undefined || this.#homes.get(id) === slot) return;
      this.#homes.delete(id);
      this.#homes.set(id, slot);
    });
    for (const id of this.#homes.keys()) {
      if (this.#homes.size <= MAX_PEOPLE) return;
      this.#homes.delete(id);
    }
  }
}
