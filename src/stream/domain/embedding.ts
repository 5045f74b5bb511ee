import type { TrackId } from '../../shared/domain/track.js';

/** The embedding of a person's appearance; its length is the model's. */
export type Embedding = Float32Array;

/** How two embeddings of one model are compared. */
export type EmbeddingMetric = 'cosine' | 'l2';

/** Asks for the embedding of one detection of the set with this PTS. */
export interface EmbeddingRequest {
  /** Of the set, milliseconds. */
  readonly ptsMs: number;
  /** Of the detection, in its set. */
  readonly detectionIndex: number;
  /** The track that the detection was matched to. */
  readonly trackId: TrackId;
}

/** The answer to a request. */
export interface EmbeddingResult extends EmbeddingRequest {
  /** `undefined` where the crop is not good enough for one. */
  readonly embedding: Embedding | undefined;
}

/** Computes embeddings. */
export interface Embedder<Picture> {
  /** How embeddings of its model are compared. */
  readonly metric: EmbeddingMetric;
  /**
   * Answers every request, in any order, at once or later.
   *
   * @param picture - the picture of the requests' detections; the caller may release it when this returns
   */
  embed(
    requests: readonly EmbeddingRequest[],
    picture: Picture,
  ): readonly EmbeddingResult[] | Promise<readonly EmbeddingResult[]>;
}
