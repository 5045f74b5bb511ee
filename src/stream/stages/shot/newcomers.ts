import type { Size } from '../../../shared/domain/box.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { PersonMotion } from './person-motion.js';

/** Somebody who comes in has settled once they have stood for this long, s … */
const SETTLED_S = 0.5;
/** … or have been in for this long, s: they walk about. */
const MAX_ENTERING_S = 4;
/** Somebody not seen for this long, s, may be found again under another id. */
const UNSEEN_S = 0.15;

/**
 * Who comes in: new people at an edge of the picture, or walking. Somebody who was there already, found again under
 * another id or turned round, does not come in. Time comes in as PTS, seconds.
 */
export class Newcomers {
  /** Since when somebody comes in, s; `undefined` for those who have settled. */
  #enteringSinceS = new Map<TrackId, number | undefined>();
  #isFirst = true;

  /** Takes in who is in the shot now. */
  update(shown: readonly TrackId[], people: ReadonlyMap<TrackId, PersonMotion>, picture: Size, nowS: number): void {
    const before = this.#enteringSinceS;
    this.#enteringSinceS = new Map(
      shown.map((id) => {
        const person = people.get(id)!;
        if (!before.has(id)) return [id, this.#comesIn(id, people, picture) ? nowS : undefined];
        const sinceS = before.get(id);
        const isOver = sinceS === undefined || person.stillS >= SETTLED_S || nowS - sinceS >= MAX_ENTERING_S;
        return [id, isOver ? undefined : sinceS];
      }),
    );
    this.#isFirst = false;
  }

  /** Whether this person comes in, and has not settled yet. */
  isEntering(id: TrackId): boolean {
    return this.#enteringSinceS.get(id) !== undefined;
  }

  #comesIn(id: TrackId, people: ReadonlyMap<TrackId, PersonMotion>, picture: Size): boolean {
    // People of the very first frame are there already.
    if (this.#isFirst) return false;
    const person = people.get(id)!;
    const isFoundAgain = [...people].some(
      ([otherId, other]) => otherId !== id && other.unseenS > UNSEEN_S && other.isNear(person),
    );
    return !isFoundAgain && (person.isAtEdge(picture) || person.isWalking);
  }
}
