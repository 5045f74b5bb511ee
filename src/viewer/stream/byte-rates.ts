/** A rate is that of about so many ms. */
const WINDOW_MS = 5_000;

interface Reading {
  readonly timeMs: number;
  readonly bytes: number;
}

/** How fast each of several counters of bytes rises. */
export class ByteRates {
  readonly #readings = new Map<string, readonly Reading[]>();

  /** Takes the counters of a moment; those that are not among them are forgotten. */
  read(counters: readonly { readonly id: string; readonly bytes: number }[], timeMs: number): void {
    for (const id of this.#readings.keys()) if (counters.every((one) => one.id !== id)) this.#readings.delete(id);
    for (const { id, bytes } of counters) {
      const before = this.#readings.get(id) ?? [];
      // A counter that fell has begun anew.
      const held = before.some((reading) => reading.bytes > bytes) ? [] : before;
      this.#readings.set(id, [...held.filter((reading) => timeMs - reading.timeMs <= WINDOW_MS), { timeMs, bytes }]);
    }
  }

  /** Of late, kbit/s; `undefined` before there are two readings. */
  kbpsOf(id: string): number | undefined {
    const readings = this.#readings.get(id) ?? [];
    const [first] = readings;
    const last = readings.at(-1);
    if (!first || !last || last.timeMs <= first.timeMs) return undefined;
    return ((last.bytes - first.bytes) * 8) / (last.timeMs - first.timeMs);
  }
}
