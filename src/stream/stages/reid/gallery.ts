import type { Embedding } from '../../domain/embedding.js';
import type { Appearance } from './appearance.js';

/** One good look at a person. */
export interface View {
  /** As {@link Appearance.prepare} gives it. */
  readonly embedding: Embedding;
  readonly ptsMs: number;
  /** Of the crop, in (0, 1]. */
  readonly quality: number;
}

const MAX_VIEWS = 8;
/** A view counts half after this long: people take off jackets and the light changes. */
const HALF_LIFE_S = 120;
/** How many looks the model's typical similarity counts for, against what was seen of this person. */
const PRIOR_LOOKS = 2;

/**
 * How one person looks: a few good views, old ones fading, and how like each other they are.
 * What is doubtful must not get in; that is for the caller to see to.
 */
export class Gallery {
  readonly #appearance: Appearance;
  #views: View[] = [];
  #centre: Embedding | undefined;
  #selfSum: number;
  #selfLooks = PRIOR_LOOKS;

  constructor(appearance: Appearance) {
    this.#appearance = appearance;
    this.#selfSum = PRIOR_LOOKS * appearance.typicalSame;
  }

  get size(): number {
    return this.#views.length;
  }

  /** PTS of the newest view, −Infinity where there is none. */
  get newestPtsMs(): number {
    return this.#views.at(-1)?.ptsMs ?? Number.NEGATIVE_INFINITY;
  }

  /** What a good look at this person is expected to reach in {@link similarity}. */
  get typicalSame(): number {
    return this.#selfSum / this.#selfLooks;
  }

  /** Takes a view in; over the limit the weakest one, by quality and age, goes. */
  add(view: View): void {
    const likeness = this.similarity(view.embedding);
    if (likeness !== undefined) {
      this.#selfSum += likeness;
      this.#selfLooks += 1;
    }
    this.#views.push(view);
    if (this.#views.length > MAX_VIEWS) {
      let weakest = 0;
      for (let index = 1; index < this.#views.length - 1; index += 1) {
        if (weightOf(this.#views[index]!, view.ptsMs) < weightOf(this.#views[weakest]!, view.ptsMs)) weakest = index;
      }
      this.#views.splice(weakest, 1);
    }
    this.#centre = this.#meanView(view.ptsMs);
  }

  /** How like this person an embedding is; `undefined` as long as there is no view. */
  similarity(embedding: Embedding): number | undefined {
    return this.#centre && this.#appearance.similarity(embedding, this.#centre);
  }

  /** How like each other two people are. */
  likenessTo(other: Gallery): number | undefined {
    return other.#centre && this.similarity(other.#centre);
  }

  #meanView(nowMs: number): Embedding {
    const mean = new Float32Array(this.#views[0]!.embedding.length);
    let total = 0;
    for (const view of this.#views) {
      const weight = weightOf(view, nowMs);
      total += weight;
      for (let index = 0; index < mean.length; index += 1) mean[index]! += weight * view.embedding[index]!;
    }
    return this.#appearance.prepare(mean.map((value) => value / total));
  }
}

const weightOf = ({ ptsMs, quality }: View, nowMs: number): number =>
  quality * 2 ** ((ptsMs - nowMs) / 1000 / HALF_LIFE_S);
