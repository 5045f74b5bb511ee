import type { TrackId } from '../../shared/domain/track.js';

/** What a network makes of how somebody looks; its length is the model's. */
export type Embedding = Float32Array;

/** How two embeddings of one model are compared. */
export type EmbeddingMetric = 'cosine' | 'l2';

/** Asks for the embedding of one detection of the set with this PTS. */
export interface EmbeddingRequest {
  readonly ptsMs: number;
  readonly detectionIndex: number;
  /** The track that the detection was matched to. */
  readonly trackId: TrackId;
}

/** The answer, at once or some frames later; without an embedding where none could be made. */
export interface EmbeddingResult extends EmbeddingRequest {
  readonly embedding: Embedding | undefined;
}

/** What makes embeddings. */
export interface Embedder<Picture> {
  readonly metric: EmbeddingMetric;
  /**
   * Answers every request, in any order, at once or later. `picture` is what the requests' detections
   * were found in; it is the caller's again when this returns.
   */
  embed(
    requests: readonly EmbeddingRequest[],
    picture: Picture,
  ): readonly EmbeddingResult[] | Promise<readonly EmbeddingResult[]>;
}
