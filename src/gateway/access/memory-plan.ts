/** How much memory streams are taken to need, MB. */
export interface MemoryNeeds {
  /** To be left free. */
  readonly freeMemoryMb: number;
  /** Of a stream that has not run for long. */
  readonly streamMemoryMb: number;
}

/** After so long a stream has taken what it needs, ms. */
const GROWN_MS = 60_000;

/** Keeps in mind which streams were started a moment ago and have not taken their memory yet. Times: the caller's, ms. */
export class MemoryPlan {
  readonly #needs: MemoryNeeds;
  #startedMs: readonly number[] = [];

  constructor(needs: MemoryNeeds) {
    this.#needs = needs;
  }

  /**
   * How much is missing for one more stream, MB; 0 where there is enough.
   *
   * @param freeMb - memory that can be taken now; absent: nobody knows, and there is enough
   */
  missingMb(freeMb: number | undefined, nowMs: number): number {
    const { freeMemoryMb, streamMemoryMb } = this.#needs;
    if (freeMb === undefined || freeMemoryMb === 0) return 0;
    this.#startedMs = this.#startedMs.filter((startedMs) => nowMs - startedMs < GROWN_MS);
    const needed = freeMemoryMb + streamMemoryMb * (this.#startedMs.length + 1);
    return Math.max(0, Math.ceil(needed - freeMb));
  }

  /** A stream was started. */
  started(nowMs: number): void {
    this.#startedMs = [...this.#startedMs, nowMs];
  }
}
