/** How long silence is tolerated. */
export interface SilenceLimits {
  /** Silent for so long it is `stalled`, ms. Higher: short pauses are not shown. Lower: a hang is shown sooner. */
  readonly stalledAfterMs: number;
  /** Silent for so long it is `hung`, ms. Higher: long pauses pass. Lower: what hangs is replaced sooner. */
  readonly hungAfterMs: number;
}

/** `answers` ──silence──▶ `stalled` ──more silence──▶ `hung`; an answer leads back to `answers`. */
export type Answering = 'answers' | 'stalled' | 'hung';

/** How often silence is measured, ms. */
export const SILENCE_TICK_MS = 250;

/**
 * Measures for how long another process has been silent. It counts ticks of {@link SILENCE_TICK_MS},
 * not time of day: where this process gets no CPU time either, because the machine is busy or slept,
 * its own ticks come late, and the other one is given as much longer.
 */
export class SilenceWatch {
  #ticks = 0;

  /** The other process gave a sign of life. */
  heard(): void {
    this.#ticks = 0;
  }

  /** One more tick has passed without a sign of life. */
  tick(): void {
    this.#ticks++;
  }

  /** What the silence so far means. */
  judge({ stalledAfterMs, hungAfterMs }: SilenceLimits): Answering {
    const silentMs = this.#ticks * SILENCE_TICK_MS;
    if (silentMs >= hungAfterMs) return 'hung';
    return silentMs >= stalledAfterMs ? 'stalled' : 'answers';
  }
}
