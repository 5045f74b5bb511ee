import type { Embedding } from '../../domain/embedding.js';
import type { Appearance } from './appearance.js';

/** The embedding of one crop. */
export interface AppearanceSample {
  /** As {@link Appearance.prepare} gives it. */
  readonly embedding: Embedding;
  /** PTS of the frame that the crop is of, milliseconds. */
  readonly ptsMs: number;
  /** Of the crop, in (0, 1]. */
  readonly quality: number;
  /** Whether nothing seemed to cover the face. @defaultValue true */
  readonly isClear?: boolean;
}

const MAX_SAMPLES = 8;
/** A sample counts half after this long: people take off jackets and the light changes. */
const HALF_LIFE_S = 120;
/** How many samples the model's typical similarity counts for, against those of this person. */
const PRIOR_SAMPLES = 2;

/**
 * The appearance of one person: a few good samples, weighted by quality and age, and how similar they are
 * to each other. The caller adds only samples that surely show this person.
 */
export class Gallery {
  readonly #appearance: Appearance;
  #samples: AppearanceSample[] = [];
  #mean: Embedding | undefined;
  #similaritySum: number;
  #similarityCount = PRIOR_SAMPLES;

  constructor(appearance: Appearance) {
    this.#appearance = appearance;
    this.#similaritySum = PRIOR_SAMPLES * appearance.typicalSame;
  }

  /** Number of samples, 0 … 8. */
  get size(): number {
    return this.#samples.length;
  }

  /** At most 8, oldest first. */
  get samples(): readonly AppearanceSample[] {
    return this.#samples;
  }

  /** PTS of the newest sample, milliseconds; −Infinity where there is none. */
  get newestPtsMs(): number {
    return this.#samples.at(-1)?.ptsMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The {@link similarity} that a good sample of this person is expected to reach. */
  get typicalSame(): number {
    return this.#similaritySum / this.#similarityCount;
  }

  /** Adds a sample; over the limit the one of least weight, by quality and age, is removed. */
  add(sample: AppearanceSample): void {
    const similarity = this.similarity(sample.embedding);
    if (similarity !== undefined) {
      this.#similaritySum += similarity;
      this.#similarityCount += 1;
    }
    this.#samples.push(sample);
    if (this.#samples.length > MAX_SAMPLES) {
      let weakest = 0;
      for (let index = 1; index < this.#samples.length - 1; index += 1) {
        const isWeaker =
          weightOf(this.#samples[index]!, sample.ptsMs) < weightOf(this.#samples[weakest]!, sample.ptsMs);
        if (isWeaker) weakest = index;
      }
      this.#samples.splice(weakest, 1);
    }
    this.#mean = this.#weightedMean(sample.ptsMs);
  }

  /** Similarity of an embedding to this person, at most 1; `undefined` as long as there is no sample. */
  similarity(embedding: Embedding): number | undefined {
    return this.#mean && this.#appearance.similarity(embedding, this.#mean);
  }

  /** Mean similarity of samples, ≥ 1 of them, weighted by their quality; the gallery must not be empty. */
  meanSimilarity(samples: readonly AppearanceSample[]): number {
    let sum = 0;
    let total = 0;
    for (const { embedding, quality } of samples) {
      sum += quality * this.similarity(embedding)!;
      total += quality;
    }
    return sum / total;
  }

  /** Similarity of two people, at most 1; `undefined` where one has no sample. */
  similarityTo(other: Gallery): number | undefined {
    return other.#mean && this.similarity(other.#mean);
  }

  #weightedMean(nowMs: number): Embedding {
    const mean = new Float32Array(this.#samples[0]!.embedding.length);
    let total = 0;
    for (const sample of this.#samples) {
      const weight = weightOf(sample, nowMs);
      total += weight;
      for (let index = 0; index < mean.length; index += 1) mean[index]! += weight * sample.embedding[index]!;
    }
    return this.#appearance.prepare(mean.map((value) => value / total));
  }
}

const weightOf = ({ ptsMs, quality }: AppearanceSample, nowMs: number): number =>
  quality * 2 ** ((ptsMs - nowMs) / 1000 / HALF_LIFE_S);
