import type { Preparation } from '../../shared/ipc/messages.js';
import { Backoff } from '../../shared/retry/backoff.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import type { StreamProcess } from './stream-process.adapter.js';

/** What a {@link SpareProcess} needs. */
export interface SpareProcessOptions {
  /** Starts a process. */
  readonly fork: () => StreamProcess;
  /** What the next stream will most likely need; undefined where no stream needs a spare process. */
  readonly wanted: () => Preparation | undefined;
  /** Told when it dies. */
  readonly logger: Logger;
  /**
   * How long after the last change it is made ready, s. Higher: streams that start have the machine to
   * themselves for longer. Lower: the next crash finds it ready sooner. @defaultValue 3
   */
  readonly settleS?: number;
}

/**
 * One stream process without a stream, with everything opened that the next start needs. Who starts a
 * stream takes it, and another one is made. Its states:
 *
 * ```
 *   none ──streams, and settled──▶ preparing ──prepared──▶ ready ──taken──▶ none
 *    ▲                                └──────died (back-off), no streams──────┘
 *    └────────────────────────────────┴───────────────────────┘
 * ```
 */
export class SpareProcess {
  readonly #options: SpareProcessOptions;
  readonly #backoff = new Backoff();
  #process: StreamProcess | undefined;
  /** What the process was told to prepare. */
  #preparation: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SpareProcessOptions) {
    this.#options = options;
  }

  /** Of the process; absent while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Whether a stream that is started now finds everything open. */
  get isReady(): boolean {
    return this.#process?.isPrepared === true && this.#process.answers;
  }

  /** Streams were added, changed or removed, or started: the spare process follows a moment later. */
  renew(): void {
    const { settleS = 3 } = this.#options;
    this.#schedule(settleS * 1000);
  }

  /** The process, for a stream that is started now; undefined while there is none that can take it. */
  take(): StreamProcess | undefined {
    const process = this.#process;
    this.#forget();
    this.renew();
    if (process?.takesStreams !== true || !process.answers) {
      process?.end();
      return undefined;
    }
    return process;
  }

  /** Ends the process; resolves once it is gone. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const process = this.#process;
    this.#forget();
    process?.end();
    await process?.exited;
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const settle = safeListener(this.#options.logger, 'the spare process', () => this.#settle());
    this.#timer = setTimeout(settle, delayMs);
    // It is no reason to stay.
    this.#timer.unref();
  }

  #settle(): void {
    const wanted = this.#options.wanted();
    if (!wanted) {
      this.#process?.end();
      this.#forget();
      return;
    }
    const preparation = JSON.stringify(wanted);
    if (this.#process && preparation === this.#preparation) return;
    this.#process ??= this.#fork();
    this.#preparation = preparation;
    this.#process.prepare(wanted);
  }

  #fork(): StreamProcess {
    const process = this.#options.fork();
    const sinceMs = performance.now();
    void process.exited.then(() => {
      if (this.#process !== process) return;
      this.#forget();
      const delayMs = this.#backoff.nextDelayMs(performance.now() - sinceMs);
      this.#options.logger.warn({ pid: process.pid, retryMs: delayMs }, 'the spare process ended; another is started');
      this.#schedule(delayMs);
    });
    return process;
  }

  #forget(): void {
    this.#process = undefined;
    this.#preparation = undefined;
  }
}
