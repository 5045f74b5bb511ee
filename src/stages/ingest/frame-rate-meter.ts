/** Rates that cameras use and that are no whole numbers. */
const NTSC_RATES = [24_000 / 1001, 30_000 / 1001, 60_000 / 1001];
/** How far a measured rate may be from the one it is taken for, as a ratio. */
const TOLERANCE = 0.02;
/** NTSC rates are 0.1 % off whole ones. */
const NTSC_TOLERANCE = 0.0005;

/**
 * Frame rate from time stamps: the median of the latest distances, so that a lost frame or a
 * pause does not count.
 */
export class FrameRateMeter {
  readonly #window: number;
  readonly #distancesMs: number[] = [];
  #lastPtsMs: number | undefined;

  /** @param window - how many distances are looked at */
  constructor(window = 60) {
    this.#window = window;
  }

  add(ptsMs: number): void {
    if (this.#lastPtsMs !== undefined && ptsMs > this.#lastPtsMs) {
      this.#distancesMs.push(ptsMs - this.#lastPtsMs);
      if (this.#distancesMs.length > this.#window) this.#distancesMs.shift();
    }
    this.#lastPtsMs = ptsMs;
  }

  /** Frames a second; `undefined` until a quarter of the window is there. */
  get fps(): number | undefined {
    if (this.#distancesMs.length < this.#window / 4) return undefined;
    const sorted = this.#distancesMs.toSorted((a, b) => a - b);
    const medianMs = sorted[sorted.length >> 1];
    return medianMs === undefined ? undefined : standardRate(1000 / medianMs);
  }
}

function standardRate(fps: number): number {
  const ntsc = NTSC_RATES.find((rate) => Math.abs(fps / rate - 1) < NTSC_TOLERANCE);
  if (ntsc !== undefined) return Math.round(ntsc * 100) / 100;
  const whole = Math.max(1, Math.round(fps));
  return Math.abs(fps / whole - 1) < TOLERANCE ? whole : Math.round(fps * 100) / 100;
}
