import type { TrackId } from '../../../shared/domain/track.js';
import type { Appearance } from './appearance.js';
import type { Follower, Look, Person } from './track-identity.js';
import { Gallery } from './gallery.js';

/** Nobody is remembered longer than this without being seen, and never more people than that. */
const MEMORY_MS = 30 * 60_000;
const MAX_PEOPLE = 32;
/** Smoothing of a person's usual score and aspect, per good crop. */
const USUAL_GAIN = 0.05;

/** Everybody known, with an id that is never used twice. */
export class Roster {
  readonly #appearance: Appearance;
  #people: Person[] = [];
  #nextId: TrackId = 1;

  constructor(appearance: Appearance) {
    this.#appearance = appearance;
  }

  /** Those of whom at least one view is there. */
  get familiar(): readonly Person[] {
    return this.#people.filter(({ gallery }) => gallery.size > 0);
  }

  /** Somebody who can be recognised is not in sight, or not surely. */
  get isSomebodyMissing(): boolean {
    return this.#people.some(({ gallery, follower }) => gallery.size > 0 && (!follower?.isVisible || follower.isOpen));
  }

  add(ptsMs: number): Person {
    const person: Person = {
      id: this.#nextId,
      gallery: new Gallery(this.#appearance),
      follower: undefined,
      seenPtsMs: ptsMs,
      usual: undefined,
    };
    this.#nextId += 1;
    this.#people.push(person);
    return person;
  }

  /** Lets go of those who were away too long. */
  forget(ptsMs: number): void {
    if (this.#people.every(({ follower, seenPtsMs }) => follower || ptsMs - seenPtsMs <= MEMORY_MS)) {
      if (this.#people.length <= MAX_PEOPLE) return;
    }
    const away = this.#people.filter(({ follower }) => !follower).sort((a, b) => a.seenPtsMs - b.seenPtsMs);
    const tooMany = new Set(away.slice(0, Math.max(0, this.#people.length - MAX_PEOPLE)));
    this.#people = this.#people.filter(
      (person) => person.follower || (!tooMany.has(person) && ptsMs - person.seenPtsMs <= MEMORY_MS),
    );
  }

  /** 1 − similarity of the looks to everybody known. */
  distances(looks: readonly Look[]): Readonly<Record<TrackId, number>> {
    const distances: Record<TrackId, number> = {};
    for (const { id, gallery } of this.familiar) distances[id] = 1 - meanSimilarity(gallery, looks);
    return distances;
  }
}

/** Takes a good look into a person's gallery. */
export function remember(person: Person, look: Look, { track }: Follower): void {
  person.gallery.add(look);
  const aspect = track.box.width / track.box.height;
  person.usual ??= { score: track.score, aspect };
  person.usual.score += USUAL_GAIN * (track.score - person.usual.score);
  person.usual.aspect += USUAL_GAIN * (aspect - person.usual.aspect);
}

/** Mean of the looks, weighted by the quality of their crops. */
export function meanSimilarity(gallery: Gallery, looks: readonly Look[]): number {
  let sum = 0;
  let total = 0;
  for (const { embedding, quality } of looks) {
    sum += quality * gallery.similarity(embedding)!;
    total += quality;
  }
  return sum / total;
}
