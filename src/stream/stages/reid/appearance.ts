import type { Embedding, EmbeddingMetric } from '../../domain/embedding.js';

/** Compares embeddings of any metric on one scale: 1 is the same picture, 0 or less is a stranger. */
export interface Appearance {
  /** The embedding as galleries keep it, so that comparing is cheap; a copy. */
  prepare(embedding: Embedding): Embedding;
  /** Similarity of two prepared embeddings of one length, at most 1. */
  similarity(a: Embedding, b: Embedding): number;
  /** Similarity of two good crops of one person in general; a gallery learns that of its own person. */
  readonly typicalSame: number;
  /** Similarity of two different people in general. */
  readonly typicalOther: number;
}

/** For embeddings whose direction counts. */
const cosine: Appearance = {
  prepare: normalise,
  similarity: dot,
  typicalSame: 0.75,
  typicalOther: 0.05,
};

/**
 * For embeddings compared by Euclidean distance, such as dlib's face descriptor: one person is
 * nearer than about 0.6, mostly 0.35; two people are mostly 0.8 apart.
 */
const euclidean: Appearance = {
  prepare: (embedding) => embedding.slice(),
  similarity: (a, b) => 1 - distance(a, b),
  typicalSame: 0.65,
  typicalOther: 0.2,
};

/** The scale for embeddings that are compared by this metric. */
export const appearanceOf = (metric: EmbeddingMetric): Appearance => (metric === 'cosine' ? cosine : euclidean);

function normalise(embedding: Embedding): Embedding {
  const length = Math.sqrt(dot(embedding, embedding));
  return length > 0 ? embedding.map((value) => value / length) : embedding.slice();
}

function dot(a: Embedding, b: Embedding): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]!;
  return sum;
}

function distance(a: Embedding, b: Embedding): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index]! - b[index]!) ** 2;
  return Math.sqrt(sum);
}
