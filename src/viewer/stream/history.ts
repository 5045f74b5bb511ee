/** Seconds that are kept. */
const KEPT_S = 600;

/** One moment of a stream; what was not known then is absent. */
export interface Sample {
  /** Unix time, s. */
  readonly timeS: number;
  /** From the camera's packet to this screen, ms. */
  readonly delayMs?: number | undefined;
  /** Pictures a second that arrive here. */
  readonly fps?: number | undefined;
}

/** Columns for a graph: times in seconds, then one column for each line, `null` where it has a gap. */
export type HistoryColumns = [number[], (number | null)[], (number | null)[]];

/** What was seen of a stream during the last ten minutes, oldest first. */
export class History {
  #samples: Sample[] = [];

  /** Adds the newest sample, and forgets what is older than ten minutes. */
  add(sample: Sample): void {
    this.#samples = [...this.#samples, sample].filter(({ timeS }) => timeS > sample.timeS - KEPT_S);
  }

  /** Whether two moments are known, so that there is a line between them. */
  get hasLine(): boolean {
    return this.#samples.filter(({ delayMs, fps }) => delayMs !== undefined || fps !== undefined).length > 1;
  }

  /** For the graph. */
  get columns(): HistoryColumns {
    return [
      this.#samples.map(({ timeS }) => timeS),
      this.#samples.map(({ delayMs }) => delayMs ?? null),
      this.#samples.map(({ fps }) => fps ?? null),
    ];
  }
}
