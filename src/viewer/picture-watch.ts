/** No picture for so long, ms, and what was subscribed to is broken, whoever is at fault. */
const BROKEN_AFTER_MS = 3_000;

/** Decides whether a page that has subscribed to a stream still gets pictures. Time comes in, ms. */
export class PictureWatch {
  #sinceMs = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  /** Pictures may be expected from now on: subscribed, new media, or a page that is visible again. */
  expect(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** A subscription begins; it has had no picture yet. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#firstMs = undefined;
  }

  /** A picture is on screen. */
  picture(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
    this.#firstMs ??= nowMs;
  }

  /** For how long the subscription had pictures, ms; 0 where it never did. */
  get playedMs(): number {
    return this.#firstMs === undefined ? 0 : this.#lastMs - this.#firstMs;
  }

  /** Whether a picture is overdue. */
  isBroken(nowMs: number): boolean {
    return nowMs - this.#sinceMs > BROKEN_AFTER_MS;
  }
}
