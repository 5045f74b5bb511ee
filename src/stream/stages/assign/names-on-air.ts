import type { TrackId } from '../../../shared/domain/track.js';
import type { NamedInput, NamesByPerson } from './people-names.js';

/** A name is shown again when nobody has doubted it for so long, ms: it must not flicker while people meet. */
const SETTLE_MS = 400;

/**
 * The names that may be shown: of people in the frame of whom it is sure who they are. A place's label is shown
 * instead, or nothing. Time is the frames' PTS. No clock, no I/O.
 */
export class NamesOnAir {
  /** PTS of the latest doubt, by identity, ms. */
  readonly #doubted = new Map<TrackId, number>();
  #names: NamesByPerson = new Map();
  #hidden = '';
  #shown: NamesByPerson = this.#names;

  /** The names without those that are not to be shown in this frame; the same map as long as they are the same. */
  update(names: NamesByPerson, { ptsMs, tracks }: Pick<NamedInput, 'ptsMs' | 'tracks'>): NamesByPerson {
    const present = new Set<TrackId>();
    for (const { id, doubt } of tracks) {
      present.add(id);
      if (doubt) this.#doubted.set(id, ptsMs);
    }
    for (const [id, doubtedMs] of this.#doubted) if (ptsMs - doubtedMs >= SETTLE_MS) this.#doubted.delete(id);
    const hidden = [...names.keys()].filter((id) => !present.has(id) || this.#doubted.has(id));
    const key = hidden.join();
    if (names === this.#names && key === this.#hidden) return this.#shown;
    this.#names = names;
    this.#hidden = key;
    this.#shown = hidden.length === 0 ? names : new Map([...names].filter(([id]) => !hidden.includes(id)));
    return this.#shown;
  }
}
