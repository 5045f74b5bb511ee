import type { TrackId } from './track.js';

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
