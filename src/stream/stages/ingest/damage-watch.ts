/** Damage is over when there was none for this long, ms. */
const OVER_AFTER_MS = 10_000;

/** What there is to tell: damage begins, or is over after so many packets and pictures. */
export type DamageNews = { readonly type: 'begins' } | { readonly type: 'over'; readonly count: number };

/** Tells the damage of a source once for each time that it lasts, however much comes. */
export class DamageWatch {
  #total = 0;
  #totalBefore = 0;
  #lastMs: number | undefined;

  /** Takes in the count so far, at a running time in ms; both rise. */
  next(total: number, nowMs: number): DamageNews | undefined {
    const before = this.#total;
    this.#total = total;
    if (total > before) {
      const begins = this.#lastMs === undefined;
      if (begins) this.#totalBefore = before;
      this.#lastMs = nowMs;
      return begins ? { type: 'begins' } : undefined;
    }
    if (this.#lastMs === undefined || nowMs - this.#lastMs < OVER_AFTER_MS) return undefined;
    this.#lastMs = undefined;
    return { type: 'over', count: total - this.#totalBefore };
  }
}
