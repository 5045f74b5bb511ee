import { chooseProcess } from './process-choice.js';
import { ProcessLease, type LeasedProcess } from './process-lease.adapter.js';
import type { StreamProcessOptions } from './stream-process.adapter.js';

/** What all stream processes have in common, and how many streams share one. */
export interface ProcessPoolOptions extends StreamProcessOptions {
  /**
   * Streams that share a process, ≥ 1. Higher: less memory, and bigger batches on a GPU. Lower: a
   * crash takes fewer streams with it.
   */
  readonly streamsPerProcess: number;
}

/** Spreads streams over processes: those that have room first, the emptiest of them before the others. */
export class ProcessPool {
  readonly #options: ProcessPoolOptions;
  #leased: LeasedProcess[] = [];

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
  }

  /** A lease on a process with room; the caller releases it. No process is started by it. */
  lease(): ProcessLease {
    this.#leased = this.#leased.filter(({ leases }) => leases.size > 0);
    const index = chooseProcess(
      this.#leased.map(({ leases }) => leases.size),
      this.#options.streamsPerProcess,
    );
    let leased = index === undefined ? undefined : this.#leased[index];
    if (!leased) {
      leased = { leases: new Set(), process: undefined };
      this.#leased.push(leased);
    }
    return new ProcessLease(this.#options, leased);
  }
}
