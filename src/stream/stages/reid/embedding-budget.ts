import type { EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { TrackIdentity } from './track-identity.js';

/** Embeddings that may be asked for at once. */
const BURST = 40;
/** Embeddings of one track that may be under way at once. */
const MAX_PENDING = 2;
/** Results that come later than this are of no use any more. */
const MAX_RESULT_AGE_MS = 2_000;
/** A longer pause of the source counts as this, s. */
const MAX_ELAPSED_S = 1;

interface SentRequest {
  readonly trackId: TrackId;
  readonly ptsMs: number;
  /** Of the crop. */
  readonly quality: number;
  readonly isClear: boolean;
  isAnswered: boolean;
}

/**
 * Limits how many embeddings are computed: what was asked for and is still of use, and how many more may
 * be asked for (a token bucket that is full at first). It is filled by time, whatever the rate of detections.
 */
export class EmbeddingBudget {
  readonly #sent = new Map<string, SentRequest>();
  #allowance = BURST;
  #beganPtsMs: number | undefined;
  #matched = 0;
  #computed = 0;

  /** Detections matched to tracks so far. */
  get matched(): number {
    return this.#matched;
  }

  /** Embeddings asked for so far. */
  get computed(): number {
    return this.#computed;
  }

  /**
   * Begins a new set of detections and forgets requests that are too old.
   *
   * @param ptsMs - PTS of the set, milliseconds
   * @param matched - how many of its detections were matched to tracks
   * @param looksPerS - embeddings a second for each of them from now on; Infinity for no limit
   */
  begin(ptsMs: number, matched: number, looksPerS: number): void {
    this.#matched += matched;
    const elapsedS = Math.min(MAX_ELAPSED_S, (ptsMs - (this.#beganPtsMs ?? ptsMs)) / 1000);
    this.#beganPtsMs = ptsMs;
    const filled = Number.isFinite(looksPerS) ? looksPerS * elapsedS * matched : BURST;
    this.#allowance = Math.min(BURST, this.#allowance + filled);
    for (const [key, sent] of this.#sent) if (ptsMs - sent.ptsMs > MAX_RESULT_AGE_MS) this.#sent.delete(key);
  }

  /**
   * A request for the track's crop in the set of this PTS; `undefined` where it was sent before, the budget
   * is spent, or enough of them are under way.
   */
  request({ trackId, track, cropQuality, isClear }: TrackIdentity, ptsMs: number): EmbeddingRequest | undefined {
    const key = keyOf(trackId, ptsMs);
    if (this.#sent.has(key) || this.#allowance < 1 || this.#pending(trackId) >= MAX_PENDING) return undefined;
    this.#sent.set(key, { trackId, ptsMs, quality: cropQuality, isClear, isAnswered: false });
    this.#allowance -= 1;
    this.#computed += 1;
    return { ptsMs, trackId, detectionIndex: track.detectionIndex! };
  }

  /**
   * Takes a result.
   *
   * @returns the quality of its crop in [0, 1], and whether nothing seemed to cover it; `undefined` where it is not
   *   waited for
   */
  accept({ trackId, ptsMs }: EmbeddingResult): Pick<SentRequest, 'quality' | 'isClear'> | undefined {
    const sent = this.#sent.get(keyOf(trackId, ptsMs));
    if (!sent || sent.isAnswered) return undefined;
    sent.isAnswered = true;
    const { quality, isClear } = sent;
    return { quality, isClear };
  }

  #pending(trackId: TrackId): number {
    let count = 0;
    for (const sent of this.#sent.values()) if (sent.trackId === trackId && !sent.isAnswered) count += 1;
    return count;
  }
}

const keyOf = (trackId: TrackId, ptsMs: number): string => `${trackId}@${ptsMs}`;
