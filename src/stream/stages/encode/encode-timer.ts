/** Pushed pictures that are remembered; far more than any encoder here holds. */
const MAX_PENDING = 64;
/** PTS that went through GStreamer come back rounded to a nanosecond. */
const SAME_PTS_MS = 0.01;

/** How long encoding takes: from a push to the encoded picture with the same PTS. */
export class EncodeTimer {
  readonly #pending: { readonly ptsMs: number; readonly pushedMs: number }[] = [];
  #measuredPtsMs = Number.NEGATIVE_INFINITY;

  /** A picture was given to the encoder at `pushedMs`, milliseconds of any steady clock. */
  pushed(ptsMs: number, pushedMs: number): void {
    this.#pending.push({ ptsMs, pushedMs });
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
  }

  /**
   * Time that the picture with this PTS took, milliseconds, ≥ 0; `undefined` where it was measured before or never
   * pushed.
   *
   * @param arrivedMs - when the encoded picture came, by the same clock
   */
  encoded(ptsMs: number, arrivedMs: number): number | undefined {
    if (ptsMs <= this.#measuredPtsMs) return undefined;
    const index = this.#pending.findIndex((picture) => Math.abs(picture.ptsMs - ptsMs) < SAME_PTS_MS);
    const picture = this.#pending[index];
    if (picture === undefined) return undefined;
    this.#pending.splice(0, index + 1);
    this.#measuredPtsMs = ptsMs;
    return Math.max(0, arrivedMs - picture.pushedMs);
  }

  /**
   * How long the oldest picture waits to be encoded, ms; 0 where none does.
   *
   * @param lastPtsMs - of the newest picture that was encoded; absent before the first
   * @param nowMs - by the same clock
   */
  waitedMs(lastPtsMs: number | undefined, nowMs: number): number {
    const oldest = this.#pending.find(({ ptsMs }) => ptsMs > (lastPtsMs ?? Number.NEGATIVE_INFINITY) + SAME_PTS_MS);
    return oldest === undefined ? 0 : Math.max(0, nowMs - oldest.pushedMs);
  }

  /** Another encoder begins: what the one before has not encoded is not waited for. */
  restart(): void {
    this.#pending.length = 0;
  }
}
