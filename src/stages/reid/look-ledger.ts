import type { EmbeddingRequest, EmbeddingResult } from '#domain/embedding.js';
import type { Follower } from './follower.js';

/** What may be spent at once, in looks. */
const BURST_LOOKS = 40;
/** Answers that come later than this are of no use any more. */
const LATEST_ANSWER_MS = 2_000;

/**
 * Keeps account of the looks: what was asked and is still of use, and how many more may be asked, so
 * that in the long run no more than a share of the detections is looked at, whatever happens.
 */
export class LookLedger {
  readonly #maxActivationRatio: number;
  /** Quality of the crop by question. */
  readonly #asked = new Map<string, { readonly ptsMs: number; readonly quality: number }>();
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
    if (this.#asked.has(key) || this.#allowance < 1) return undefined;
    this.#asked.set(key, { ptsMs, quality });
    this.#allowance -= 1;
    this.#computed += 1;
    return { ptsMs, trackId, detectionIndex: track.detectionIndex! };
  }

  /** Quality of the crop that an answer is about; `undefined` for one that nobody waits for. */
  qualityOf({ trackId, ptsMs }: EmbeddingResult): number | undefined {
    return this.#asked.get(keyOf(trackId, ptsMs))?.quality;
  }
}

const keyOf = (trackId: number, ptsMs: number): string => `${trackId}@${ptsMs}`;
