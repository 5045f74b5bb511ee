import type { Detection, DetectionSet } from '#src/shared/domain/detection.js';
import type { EmbeddingRequest, EmbeddingResult } from '#src/stream/domain/embedding.js';
import type { Track } from '#src/shared/domain/track.js';
import type { IdentityEvent } from '#src/stream/stages/reid/identity-events.js';
import { IdentityKeeper } from '#src/stream/stages/reid/identity-keeper.js';
import type { IdentityKeeperOptions } from '#src/stream/stages/reid/identity-options.js';

export const FRAME_MS = 40;

/** One track in one frame: of a person in sight, or lost. */
export interface TrackShown {
  readonly track: number;
  /** The person that it shows; absent where it is lost. */
  readonly who?: string;
  readonly x: number;
  readonly score?: number;
}

/** Each person's embedding is an axis of its own. */
const EMBEDDINGS: Readonly<Record<string, readonly number[]>> = {
  ann: [1, 0, 0, 0],
  bob: [0, 1, 0, 0],
  eve: [0, 0, 1, 0],
  // A hand covers half of the face.
  'half bob': [0, 0.2, 0, 1],
};

/** `blur` is a person of whom no embedding can be made. */
const embeddingOf = (who: string): Float32Array | undefined => EMBEDDINGS[who] && Float32Array.from(EMBEDDINGS[who]);

const boxAt = (x: number) => ({ x, y: 100, width: 100, height: 125 });

/** Plays frames to an identity keeper and keeps its answers. */
export class Play {
  readonly keeper: IdentityKeeper;
  readonly events: IdentityEvent[] = [];
  readonly asked: EmbeddingRequest[] = [];
  shown: readonly Track[] = [];
  #frame = -1;
  #similarity: number | undefined;
  readonly #born = new Map<number, number>();
  readonly #seen = new Map<number, number>();
  readonly #delayFrames: number;
  #pending: { readonly atFrame: number; readonly results: readonly EmbeddingResult[] }[] = [];

  constructor(options: IdentityKeeperOptions = {}, delayFrames = 0) {
    this.keeper = new IdentityKeeper(options);
    this.#delayFrames = delayFrames;
  }

  /** Shows the same tracks for some frames. */
  show(frames: number, ...sights: TrackShown[]): this {
    for (let count = 0; count < frames; count += 1) this.#step(sights);
    return this;
  }

  /** The next frame is of another shot. */
  cut(): this {
    this.#similarity = 0.2;
    return this;
  }

  /** `id doubt` of all tracks in doubt, from left to right. */
  get doubts(): string[] {
    const inDoubt = this.shown.filter(({ doubt }) => doubt !== undefined).sort((a, b) => a.box.x - b.box.x);
    return inDoubt.map(({ id, doubt }) => `${id} ${doubt}`);
  }

  /** `id state` of all tracks, from left to right. */
  get people(): string[] {
    return [...this.shown].sort((a, b) => a.box.x - b.box.x).map(({ id, state }) => `${id} ${state}`);
  }

  names(): string[] {
    return this.events.filter(({ name }) => name !== 'reid_skipped').map(({ name }) => name);
  }

  #step(sights: readonly TrackShown[]): void {
    this.#frame += 1;
    const ptsMs = this.#frame * FRAME_MS;
    const seen = sights.filter(({ who }) => who !== undefined);
    const set: DetectionSet = {
      ptsMs,
      detections: seen.map(({ x, score = 0.9 }): Detection => ({ box: boxAt(x), score, kind: 'face' })),
    };
    const tracks = sights.map((sight) => this.#trackOf(sight, seen.indexOf(sight), ptsMs));
    for (const { results } of this.#pending.filter(({ atFrame }) => atFrame <= this.#frame)) this.keeper.learn(results);
    this.#pending = this.#pending.filter(({ atFrame }) => atFrame > this.#frame);
    this.keeper.observe(set, tracks, this.#similarity);
    this.#similarity = undefined;
    for (let requests = this.keeper.requests(); requests.length > 0; requests = this.keeper.requests()) {
      this.asked.push(...requests);
      const results = requests.map((request): EmbeddingResult => ({
        ...request,
        embedding: embeddingOf(seen[request.detectionIndex]!.who!),
      }));
      if (this.#delayFrames > 0) this.#pending.push({ atFrame: this.#frame + this.#delayFrames, results });
      else this.keeper.learn(results);
    }
    this.shown = this.keeper.tracks(tracks);
    this.events.push(...this.keeper.takeEvents());
  }

  #trackOf({ track, who, x, score = 0.9 }: TrackShown, index: number, ptsMs: number): Track {
    const isNew = !this.#born.has(track);
    if (isNew) this.#born.set(track, ptsMs);
    if (who !== undefined) this.#seen.set(track, ptsMs);
    return {
      id: track,
      state: who === undefined ? 'lost' : 'tracked',
      box: boxAt(x),
      score,
      kind: 'face',
      bornPtsMs: this.#born.get(track)!,
      seenPtsMs: this.#seen.get(track) ?? ptsMs,
      ...(who === undefined ? {} : { detectionIndex: index }),
      ...(isNew ? {} : { prediction: { box: boxAt(x), stdPx: 8 } }),
    };
  }
}
