/** Time stamps of 33 bits at 90 kHz begin anew after so long, ms. */
const WRAP_MS = 2 ** 33 / 90;
/** What a segment begins later or sooner than the one before it ended is a jump of its time stamps beyond this, ms. */
const MAX_GAP_MS = 1500;
/** What comes first, and what comes after a pause, is shown so much later, ms: the next segment may be late as well. */
const MARGIN_MS = 300;

/**
 * When what comes over HLS is shown: media times of a stream, which may jump and wrap, as times of the process that
 * rise. Pictures and sound share it. Time is data: it has no clock of its own.
 */
export class HlsTimeline {
  /** From media time to running time, by the number of the discontinuity. */
  readonly #offsets = new Map<string, number>();
  #endMs: number | undefined;
  #lastMediaMs: number | undefined;

  /** Where what is known of the pictures ends, running time, ms; `undefined` before the first. */
  get endMs(): number | undefined {
    return this.#endMs;
  }

  /** Puts a time that wraps next to the one that was seen before. */
  unwrap(mediaMs: number): number {
    const last = this.#lastMediaMs;
    return last === undefined ? mediaMs : mediaMs + Math.round((last - mediaMs) / WRAP_MS) * WRAP_MS;
  }

  /**
   * A segment of pictures begins. It goes on where the one before it ended, or now where that is over.
   *
   * @param run - names what its time stamps belong to
   * @param mediaMs - time of its first picture
   */
  begin(run: string, mediaMs: number, nowMs: number): void {
    const known = this.#offsets.get(run);
    const end = this.#endMs;
    let offset = known ?? (end ?? nowMs + MARGIN_MS) - mediaMs;
    if (end !== undefined && Math.abs(mediaMs + offset - end) > MAX_GAP_MS) offset = end - mediaMs;
    const lateMs = nowMs - (mediaMs + offset);
    if (lateMs > 0) offset += lateMs + MARGIN_MS;
    this.#offsets.set(run, offset);
    // Older ones are never asked for again.
    for (const old of [...this.#offsets.keys()].slice(0, -4)) this.#offsets.delete(old);
  }

  /** A segment of pictures ended: where the next one begins. */
  finish(run: string, mediaEndMs: number): void {
    this.#lastMediaMs = mediaEndMs;
    this.#endMs = mediaEndMs + (this.#offsets.get(run) ?? 0);
  }

  /** When something is shown, running time, ms; `undefined` where no picture of its run has come yet. */
  at(run: string, mediaMs: number): number | undefined {
    const offset = this.#offsets.get(run);
    return offset === undefined ? undefined : mediaMs + offset;
  }
}
