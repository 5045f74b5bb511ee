import type { EmbeddingRequest, EmbeddingResult } from '../../domain/embedding.js';
import type { TrackId } from '../../../shared/domain/track.js';
import type { Follower } from './track-identity.js';

/** What may be spent at once, in looks. */
const BURST_LOOKS = 40;
/** So many questions about one track may wait for their answers. */
const MAX_UNANSWERED = 2;
/** Answers that come later than this are of no use any more. */
const LATEST_ANSWER_MS = 2_000;

interface Question {
  readonly trackId: TrackId;
  readonly ptsMs: number;
  /** Of the crop. */
  readonly quality: number;
  isAnswered: boolean;
}

/**
 * Keeps account of the looks: what was asked and is still of use, and how many more may be asked, so
 * that in the long run no more than a share of the detections is looked at, whatever happens.
 */
export class LookLedger {
  readonly #maxActivationRatio: number;
  readonly #asked = new Map<string, Question>();
  #allowance = BURST_LOOKS;
  #matched = 0;
  #computed = 0;

  /** @param maxActivationRatio looks per matched detection; Infinity for no limit */
  constructor(maxActivationRatio: number) {
    this.#maxActivationRatio = maxActivationRatio;
  }

  /** Detections matched to tracks so far. */
  get matched(): number {
    return this.#matched;
  }

  /** Looks asked for so far. */
  get computed(): number {
    return this.#computed;
  }

  /** A new set of detections, of which so many were matched. */
  begin(ptsMs: number, matched: number): void {
    this.#matched += matched;
    this.#allowance = Math.min(BURST_LOOKS, this.#allowance + this.#maxActivationRatio * matched);
    for (const [key, asked] of this.#asked) if (ptsMs - asked.ptsMs > LATEST_ANSWER_MS) this.#asked.delete(key);
  }

  /** A question, unless it was asked already or there is nothing left to spend. */
  ask({ trackId, track, quality }: Follower, ptsMs: number): EmbeddingRequest | undefined {
    const key = keyOf(trackId, ptsMs);
    if (this.#asked.has(key) || this.#allowance < 1 || this.#unanswered(trackId) >= MAX_UNANSWERED) return undefined;
    this.#asked.set(key, { trackId, ptsMs, quality, isAnswered: false });
    this.#allowance -= 1;
    this.#computed += 1;
    return { ptsMs, trackId, detectionIndex: track.detectionIndex! };
  }

  /** Takes an answer. @returns the quality of its crop; `undefined` where nobody waits for it */
  answer({ trackId, ptsMs }: EmbeddingResult): number | undefined {
    const question = this.#asked.get(keyOf(trackId, ptsMs));
    if (!question || question.isAnswered) return undefined;
    question.isAnswered = true;
    return question.quality;
  }

  #unanswered(trackId: TrackId): number {
    let count = 0;
    for (const question of this.#asked.values()) if (question.trackId === trackId && !question.isAnswered) count += 1;
    return count;
  }
}

const keyOf = (trackId: TrackId, ptsMs: number): string => `${trackId}@${ptsMs}`;
