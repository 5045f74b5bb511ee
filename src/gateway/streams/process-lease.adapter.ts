import type { StreamProcess } from './stream-process.adapter.js';
import type { RunListeners, StartCommand, StreamRun } from './stream-run.js';

/** A process with those who have a lease on it. */
export interface LeasedProcess {
  /** The leases that are not released yet. */
  readonly leases: Set<ProcessLease>;
  /** Absent while none of its streams runs. */
  process: StreamProcess | undefined;
}

/** What a {@link ProcessLease} needs of its pool. */
export interface LeaseOptions {
  /** Gives a process that takes streams. */
  readonly obtain: () => StreamProcess;
  /** A stream was started, or does not need its process any more. */
  readonly onChange: () => void;
}

/**
 * A stream's right to run in a process, kept while the stream waits to be started again. The
 * process starts with the first stream of its leases and ends with the last, so a stream that
 * waits alone is started again in a fresh one. Not a restart by itself: who holds the lease
 * decides when to start.
 */
export class ProcessLease {
  readonly #options: LeaseOptions;
  readonly #leased: LeasedProcess;

  constructor(leased: LeasedProcess, options: LeaseOptions) {
    this.#options = options;
    this.#leased = leased;
    leased.leases.add(this);
  }

  /** Waits for a process that is ending; its successor may then be started. Never rejects. */
  async ready(): Promise<void> {
    while (this.#leased.process?.takesStreams === false) await this.#leased.process.exited;
  }

  /**
   * Starts the stream, and the process where there is none.
   *
   * @throws where the process is ending; call it right after {@link ready}
   */
  start(streamId: string, command: StartCommand, listeners: RunListeners): StreamRun {
    this.#leased.process ??= this.#obtain();
    this.#options.onChange();
    return this.#leased.process.start(streamId, command, listeners);
  }

  /**
   * The process takes no more streams, and ends with the last of those that it has; what is started from now on starts
   * in another. Does nothing where the process is another one already.
   */
  retireProcess(pid: number | undefined): void {
    const { process } = this.#leased;
    if (process === undefined || process.pid !== pid) return;
    process.retire();
    this.#leased.process = undefined;
  }

  /** Another stream may have a lease instead; a stream that still runs goes on. Idempotent. */
  release(): void {
    if (this.#leased.leases.delete(this)) this.#options.onChange();
  }

  #obtain(): StreamProcess {
    const process = this.#options.obtain();
    void process.exited.then(() => {
      if (this.#leased.process === process) this.#leased.process = undefined;
    });
    return process;
  }
}
