import type { TrackId } from '../../../shared/domain/track.js';
import type { Appearance } from './appearance.js';
import { Gallery, type AppearanceSample } from './gallery.js';
import type { KnownPerson, TrackIdentity } from './track-identity.js';

/** A person who is not seen is remembered for this long, and this many people at most. */
const MEMORY_MS = 30 * 60_000;
const MAX_PEOPLE = 32;
/** Smoothing of a person's usual score and aspect, per good crop. */
const USUAL_GAIN = 0.05;

/** Who was known to an earlier run; samples count as if they were taken at PTS 0. */
export interface KnownBefore {
  /** Lower than every id that was not used. */
  readonly nextTrackId: TrackId;
  /** Those who can be recognised, with embeddings as the embedder gave them, or prepared. */
  readonly people: readonly {
    readonly trackId: TrackId;
    readonly faces: readonly Pick<AppearanceSample, 'embedding' | 'quality'>[];
  }[];
}

/** Somebody who comes back is not shown under the old identity before a look says so, or this has passed, ms. */
const MAX_RETURN_WAIT_MS = 1_000;
/** Somebody new is in sight without an identity for at most this long, ms … */
const MAX_WAIT_MS = 500;
/** … or, while another person covers them, who may be hiding a known face, this long … */
const MAX_COVERED_WAIT_MS = 3_000;
/** … or, where no crop of a new person was good enough for an embedding, this long … */
const MAX_WAIT_WITHOUT_SAMPLE_MS = 2_000;
/** … or, at the start of a run after another one, whose people are expected, this long: the machine is busy then. */
const MAX_WAIT_AT_START_MS = 8_000;
/** People of the run before are expected for this long, ms; later each has the same chance as others who are away. */
const START_MS = 15_000;

/** All people known, with ids that are never used twice. */
export class IdentityStore {
  readonly #appearance: Appearance;
  readonly #expected: readonly KnownPerson[];
  #people: KnownPerson[] = [];
  #startPtsMs: number | undefined;
  #ptsMs = 0;
  #nextId: TrackId = 1;

  constructor(appearance: Appearance, before?: KnownBefore) {
    this.#appearance = appearance;
    for (const { trackId, faces } of before?.people ?? []) {
      const { gallery } = this.#insert(trackId, 0, Number.NEGATIVE_INFINITY);
      for (const { embedding, quality } of faces)
        gallery.add({ embedding: appearance.prepare(embedding), quality, ptsMs: 0 });
    }
    this.#expected = [...this.#people];
    this.#nextId = Math.max(this.#nextId, before?.nextTrackId ?? 1);
  }

  /** What the next run has to know; people who cannot be recognised are not in it. */
  get memory(): KnownBefore {
    const people = this.recognisable.map(({ id, gallery }) => ({ trackId: id, faces: gallery.samples }));
    return { nextTrackId: this.#nextId, people };
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
    return this.#insert(this.#nextId, ptsMs, ptsMs);
  }

  #insert(id: TrackId, ptsMs: number, bornPtsMs: number): KnownPerson {
    const person: KnownPerson = {
      id,
      gallery: new Gallery(this.#appearance),
      holder: undefined,
      bornPtsMs,
      seenPtsMs: ptsMs,
      usual: undefined,
      mergedIds: [],
      seenWith: new Set(),
    };
    this.#nextId = Math.max(this.#nextId, id + 1);
    this.#people.push(person);
    return person;
  }

  /**
   * Removes people who were away for too long, and the ones away longest where there are too many.
   *
   * @param ptsMs - PTS of the latest set, milliseconds
   */
  prune(ptsMs: number): void {
    this.#ptsMs = ptsMs;
    this.#startPtsMs ??= ptsMs;
    if (this.#people.every(({ holder, seenPtsMs }) => holder || ptsMs - seenPtsMs <= MEMORY_MS)) {
      if (this.#people.length <= MAX_PEOPLE) return;
    }
    const away = this.#people.filter(({ holder }) => !holder).sort((a, b) => a.seenPtsMs - b.seenPtsMs);
    const surplus = new Set(away.slice(0, Math.max(0, this.#people.length - MAX_PEOPLE)));
    this.#people = this.#people.filter(
      (person) => person.holder || (!surplus.has(person) && ptsMs - person.seenPtsMs <= MEMORY_MS),
    );
  }

  /** Whether a sample of a track with this identity shows somebody else: nobody like that, or more like another one. */
  isOther(person: KnownPerson, { embedding }: AppearanceSample): boolean {
    const { gallery } = person;
    if (gallery.size < 2) return false;
    const own = gallery.similarity(embedding)!;
    if (own < (this.#appearance.typicalOther + gallery.typicalSame) / 2) return true;
    return this.recognisable.some((other) => other !== person && other.gallery.similarity(embedding)! > own);
  }

  /** Two identities are one person, who goes on as the first; looks and knowledge of both are kept. */
  merge(kept: KnownPerson, gone: KnownPerson): void {
    for (const sample of gone.gallery.samples) kept.gallery.add(sample);
    kept.mergedIds = [...kept.mergedIds, ...gone.mergedIds, gone.id];
    kept.usual ??= gone.usual;
    kept.seenPtsMs = Math.max(kept.seenPtsMs, gone.seenPtsMs);
    for (const id of gone.seenWith) kept.seenWith.add(id);
    this.#people = this.#people.filter((person) => person !== gone);
    for (const { seenWith } of this.#people) if (seenWith.delete(gone.id)) seenWith.add(kept.id);
  }

  /** How long a track may be in sight without a confirmed identity, ms. */
  maxWaitMs({ person, samples, isOverlapped }: TrackIdentity): number {
    if (person) return MAX_RETURN_WAIT_MS;
    if (isOverlapped) return MAX_COVERED_WAIT_MS;
    const isStart = this.#ptsMs - (this.#startPtsMs ?? this.#ptsMs) < START_MS;
    if (isStart && this.#expected.some(({ holder }) => !holder)) return MAX_WAIT_AT_START_MS;
    return samples.length > 0 ? MAX_WAIT_MS : MAX_WAIT_WITHOUT_SAMPLE_MS;
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
