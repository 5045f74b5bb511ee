/** Upper limits of the buckets of durations, s: from one element of a graph to a picture that is of no use any more. */
export const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5] as const;

/** How many durations there were, as Prometheus counts them. */
export interface DurationCounts {
  /** For each of {@link BUCKETS_S}, durations up to its limit that were above the one before. */
  readonly buckets: readonly number[];
  /** All of them, those above the last limit included. */
  readonly count: number;
  /** Of all, s. */
  readonly sumS: number;
}

/** Counts durations. */
export class DurationCounter {
  readonly #buckets: number[] = BUCKETS_S.map(() => 0);
  #count = 0;
  #sumS = 0;

  /** Takes one in, ms, ≥ 0. */
  add(durationMs: number): void {
    const durationS = durationMs / 1000;
    const bucket = BUCKETS_S.findIndex((limitS) => durationS <= limitS);
    if (bucket >= 0) this.#buckets[bucket]! += 1;
    this.#count += 1;
    this.#sumS += durationS;
  }

  /** So far. */
  read(): DurationCounts {
    return { buckets: [...this.#buckets], count: this.#count, sumS: this.#sumS };
  }
}
