import type { Preparation } from '../../shared/ipc/messages.js';
import { chooseProcess } from './process-choice.js';
import { emptiestGpu, type GpuDevice } from './gpu-choice.js';
import type { ProcessAhead } from './process-ahead.adapter.js';
import { ProcessLease, type LeasedProcess } from './process-lease.adapter.js';
import { SpareProcess } from './spare-process.adapter.js';
import type { StreamProcessOptions } from './process-options.js';
import { StreamProcess } from './stream-process.adapter.js';

/** What all stream processes have in common, and how many streams share one. */
export interface ProcessPoolOptions extends Omit<StreamProcessOptions, 'gpu' | 'child'> {
  /** GPUs that processes are spread over. @defaultValue each process takes what it finds */
  readonly gpus?: readonly GpuDevice[];
  /** The first process, where it was started already; ended with the pool. */
  readonly ahead?: ProcessAhead | undefined;
  /**
   * Streams that share a process, ≥ 1. Higher: less memory, and bigger batches on a GPU. Lower: a
   * crash takes fewer streams with it.
   */
  readonly streamsPerProcess: number;
  /**
   * What a spare process is to have open for the next stream; asked again after every change.
   * @defaultValue there is no spare process
   */
  readonly wantedSpare?: () => Preparation | undefined;
}

/**
 * Spreads streams over processes: those that have room first, the emptiest of them before the others.
 * A process that is needed is the spare one where there is one.
 */
export class ProcessPool {
  readonly #options: ProcessPoolOptions;
  readonly #spare: SpareProcess | undefined;
  #leased: LeasedProcess[] = [];

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
    const { wantedSpare: wanted, logger } = options;
    this.#spare = wanted && new SpareProcess({ fork: () => this.#fork(), wanted, logger });
  }

  /** The process that waits for a stream; absent where there is none. */
  get spare(): Pick<SpareProcess, 'pid' | 'isReady'> | undefined {
    return this.#spare;
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
    return new ProcessLease(leased, {
      obtain: () => this.#spare?.take() ?? this.#fork(),
      onChange: () => this.#spare?.renew(),
    });
  }

  #fork(): StreamProcess {
    const streams = this.#leased.flatMap(({ leases, process }) => [...leases].map(() => process?.gpu));
    const { gpus = [], ahead, ...options } = this.#options;
    return new StreamProcess({ ...options, gpu: emptiestGpu(gpus, streams), child: ahead?.take() });
  }

  /** Ends the processes that wait for a stream; resolves once the spare one is gone. Idempotent. */
  async close(): Promise<void> {
    this.#options.ahead?.close();
    await this.#spare?.close();
  }
}
