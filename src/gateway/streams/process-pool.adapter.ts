import type { StreamReport } from '../../shared/ipc/messages.js';
import { chooseProcess } from './process-choice.js';
import {
  StreamProcess,
  type StartCommand,
  type StreamProcessOptions,
  type StreamRun,
} from './stream-process.adapter.js';

export interface ProcessPoolOptions extends StreamProcessOptions {
  /** Streams that share a process, ≥ 1. */
  readonly streamsPerProcess: number;
}

/** A stream's place in a process, kept while the stream waits to be started again. */
export interface ProcessSeat {
  /** Of the process; absent while there is none. */
  readonly pid: number | undefined;
  /** Streams that run in the process now. */
  readonly streamsInProcess: number;
  /** Waits for a process that is ending, and its successor may then be started; never rejects. */
  ready(): Promise<void>;
  /** Starts the stream, and the process where there is none. */
  start(streamId: string, command: StartCommand, onReport: (report: StreamReport) => void): StreamRun;
  /** Gives the place to others. Idempotent. */
  leave(): void;
}

/**
 * Seats that share a process: it is started with the first stream and ends with the last, so a
 * stream that waits alone is started again in a fresh one.
 */
class SharedProcess {
  readonly #options: StreamProcessOptions;
  #process: StreamProcess | undefined;

  constructor(options: StreamProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get streamCount(): number {
    return this.#process?.streamCount ?? 0;
  }

  async ready(): Promise<void> {
    while (this.#process?.isEnding === true) await this.#process.gone;
  }

  start(streamId: string, command: StartCommand, onReport: (report: StreamReport) => void): StreamRun {
    this.#process ??= this.#fork();
    return this.#process.start(streamId, command, onReport);
  }

  #fork(): StreamProcess {
    const process = new StreamProcess(this.#options);
    void process.gone.then(() => {
      if (this.#process === process) this.#process = undefined;
    });
    return process;
  }
}

/** Seats streams in processes: new ones where there is room, fewest streams first. */
export class ProcessPool {
  readonly #options: ProcessPoolOptions;
  readonly #shared: { readonly process: SharedProcess; seats: number }[] = [];

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
  }

  seat(): ProcessSeat {
    const index = chooseProcess(
      this.#shared.map(({ seats }) => seats),
      this.#options.streamsPerProcess,
    );
    let place = index === undefined ? undefined : this.#shared[index];
    if (!place) {
      place = { process: new SharedProcess(this.#options), seats: 0 };
      this.#shared.push(place);
    }
    place.seats++;
    return this.#seatIn(place);
  }

  #seatIn(place: { readonly process: SharedProcess; seats: number }): ProcessSeat {
    const { process } = place;
    let isTaken = true;
    return {
      get pid() {
        return process.pid;
      },
      get streamsInProcess() {
        return process.streamCount;
      },
      ready: () => process.ready(),
      start: (...start) => process.start(...start),
      leave: () => {
        if (!isTaken) return;
        isTaken = false;
        place.seats--;
        if (place.seats === 0) this.#shared.splice(this.#shared.indexOf(place), 1);
      },
    };
  }
}
