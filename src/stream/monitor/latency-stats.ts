import type { Percentiles } from '../../shared/domain/stream-status.js';
import { percentilesOf } from '../../shared/percentile.js';

/** Values kept for each stage: 17 s at 30 frames a second. */
const DEFAULT_WINDOW = 512;

/** Median and 95th percentile of the newest values; memory is bounded by the window. */
export class RollingPercentiles {
  readonly #values: Float64Array;
  #next = 0;
  #count = 0;

  /** `window`: how many of the newest values count, ≥ 1. */
  constructor(window = DEFAULT_WINDOW) {
    this.#values = new Float64Array(window);
  }

  /** Takes a value in; the oldest one is forgotten where the window is full. */
  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
    this.#count = Math.min(this.#count + 1, this.#values.length);
  }

  /** By the nearest rank; 0 while there is no value. */
  read(): Percentiles {
    return this.#count === 0 ? { p50: 0, p95: 0 } : percentilesOf(this.#values.subarray(0, this.#count));
  }
}

/** Rolling latencies of a fixed set of stages, milliseconds. */
export class LatencyStats<Stage extends string> {
  readonly #stages: ReadonlyMap<Stage, RollingPercentiles>;

  constructor(stages: readonly Stage[], window = DEFAULT_WINDOW) {
    this.#stages = new Map(stages.map((stage) => [stage, new RollingPercentiles(window)]));
  }

  /** Takes a latency in, ms; a stage that is not of the set is left out. */
  add(stage: Stage, latencyMs: number): void {
    this.#stages.get(stage)?.add(latencyMs);
  }

  /** Every stage, also those without a value yet. */
  read(): Readonly<Record<Stage, Percentiles>> {
    const entries = [...this.#stages].map(([stage, values]) => [stage, values.read()] as const);
    return Object.fromEntries(entries) as Record<Stage, Percentiles>;
  }
}
