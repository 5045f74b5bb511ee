import type { TrackId } from '../../../shared/domain/track.js';
import type { Appearance } from './appearance.js';
import { Gallery, type AppearanceSample } from './gallery.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** A person who is not seen is remembered for this long, and this many people at most. */
const MEMORY_MS = 30 * 60_000;
const MAX_PEOPLE = 32;
/** Smoothing of a person's usual score and aspect, per good crop. */
const USUAL_GAIN = 0.05;

/** All people known, with ids that are never used twice. */
export class IdentityStore {
  readonly #appearance: Appearance;
  #people: KnownPerson[] = [];
  #nextId: TrackId = 1;

  constructor(appearance: Appearance) {
    this.#appearance = appearance;
  }

  /** People with at least one sample in their gallery. */
  get recognisable(): readonly KnownPerson[] {
    return this.#people.filter(({ gallery }) => gallery.size > 0);
  }

  /** Whether a recognisable person is out of sight, or in sight with an unresolved identity. */
  get hasMissing(): boolean {
    return this.#people.some(({ gallery, holder }) => gallery.size > 0 && (!holder?.isVisible || holder.isUnresolved));
  }

  /**
   * A new person, with the next id.
   *
   * @param ptsMs - PTS at which the person was seen, milliseconds
   */
  add(ptsMs: number): KnownPerson {
    const person: KnownPerson = {
      id: this.#nextId,
      gallery: new Gallery(this.#appearance),
      holder: undefined,
      seenPtsMs: ptsMs,
      usual: undefined,
    };
    this.#nextId += 1;
    this.#people.push(person);
    return person;
  }

  /**
   * Removes people who were away for too long, and the ones away longest where there are too many.
   *
   * @param ptsMs - PTS of the latest set, milliseconds
   */
  prune(ptsMs: number): void {
    if (this.#people.every(({ holder, seenPtsMs }) => holder || ptsMs - seenPtsMs <= MEMORY_MS)) {
      if (this.#people.length <= MAX_PEOPLE) return;
    }
    const away = this.#people.filter(({ holder }) => !holder).sort((a, b) => a.seenPtsMs - b.seenPtsMs);
    const surplus = new Set(away.slice(0, Math.max(0, this.#people.length - MAX_PEOPLE)));
    this.#people = this.#people.filter(
      (person) => person.holder || (!surplus.has(person) && ptsMs - person.seenPtsMs <= MEMORY_MS),
    );
  }

  /** 1 − mean similarity of the samples to each recognisable person, by id. */
  distances(samples: readonly AppearanceSample[]): Readonly<Record<TrackId, number>> {
    const distances: Record<TrackId, number> = {};
    for (const { id, gallery } of this.recognisable) distances[id] = 1 - gallery.meanSimilarity(samples);
    return distances;
  }
}

/** Adds a good sample of a track to the person's gallery, and its score and aspect to what is usual. */
export function enrol(person: KnownPerson, sample: AppearanceSample, { track }: TrackIdentity): void {
  person.gallery.add(sample);
  const aspect = track.box.width / track.box.height;
  person.usual ??= { score: track.score, aspect };
  person.usual.score += USUAL_GAIN * (track.score - person.usual.score);
  person.usual.aspect += USUAL_GAIN * (aspect - person.usual.aspect);
}
