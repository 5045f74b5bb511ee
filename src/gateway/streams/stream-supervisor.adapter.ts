import { DiptychError } from '../../shared/domain/errors.js';
import { problemOf, type Problem } from '../../shared/domain/status-error.js';
import type {
  MediaPosition,
  ProcessGpu,
  StreamCommand,
  StreamReport,
  WantedStream,
} from '../../shared/ipc/messages.js';
import type { RetryPolicy } from '../../shared/retry/backoff.js';
import { RetryLoop, type Attempt, type Retry } from '../../shared/retry/retry-loop.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { ProcessLease } from './process-lease.adapter.js';
import type { StreamDestinations, StreamRun } from './stream-run.js';
import { handOver, type Succession } from './hand-over.adapter.js';

/**
 * `running`: the stream was started · `silent`: its process gives no sign of life, and is replaced
 * unless one comes · `waiting`: it ended unasked and is started again in `retryMs` · `ended`: it ended
 * of itself, done (a file that does not loop).
 */
export type SupervisorEvent =
  | { readonly type: 'running' }
  | { readonly type: 'silent' }
  | { readonly type: 'waiting'; readonly problem: Problem; readonly retryMs: number }
  | { readonly type: 'ended' };

/** What a {@link StreamSupervisor} keeps running, and whom it tells. */
export interface StreamSupervisorOptions {
  /** What is wanted of the stream; asked before every start. */
  readonly wanted: () => WantedStream;
  /** Name of the stream in its process. */
  readonly runName: string;
  /** What the stream may use of the GPU. */
  readonly gpu: ProcessGpu;
  /** Where it runs; released with the supervisor. */
  readonly lease: ProcessLease;
  /** Makes the destinations for one run; called before every start. */
  readonly prepare: () => Promise<StreamDestinations>;
  /** Makes what a run needs that is to take over from the one that goes on, see {@link handOver}. */
  readonly prepareSuccession: () => Succession;
  /** How long to wait before the next start. */
  readonly backoff: RetryPolicy;
  /** Every report of every run. */
  readonly onReport: (report: StreamReport) => void;
  /** Must not throw. */
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Every failure of the stream is an error in the log. */
  readonly logger: Logger;
}

/** A run answers within milliseconds, or hangs. */
const RELEASE_LIMIT_MS = 1_000;

/**
 * Keeps one stream running in its process, and ends it. Its states are those of a
 * {@link RetryLoop}: an attempt is one run of the stream, from the ports for its media to its end.
 * Within an attempt there is a run (`#run`) from the start in the process to the end:
 *
 * ```
 *   attempt: preparing ──started──▶ running ──▶ over
 *                 └────failed, or not wanted any more──▶ over
 * ```
 */
export class StreamSupervisor {
  readonly #options: StreamSupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #loop: RetryLoop;
  #run: StreamRun | undefined;
  /** Resolves once the run has been replaced by its successor, or the successor has ended. */
  #handingOver: Promise<void> | undefined;
  /** The run has taken over and is to publish nothing yet, because the one before still does. */
  #isFormerThere = false;
  /** Of the attempt that is under way. */
  #signal = new AbortController().signal;
  #looping: Promise<void> = Promise.resolve();
  #onReleased: (position: MediaPosition) => void = () => undefined;
  #restarts = 0;

  constructor(options: StreamSupervisorOptions) {
    this.#options = options;
    this.#loop = new RetryLoop({
      run: (attempt) => this.#runStream(attempt),
      policy: options.backoff,
      onRetry: (retry) => this.#onRetry(retry),
    });
  }

  /** Of the process that runs the stream; absent while it does not run. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  /** Whether the stream that runs gives signs of life; true while none runs. */
  get answers(): boolean {
    return this.#run?.answers ?? true;
  }

  /** Streams in that process, this one included; 0 while it does not run. */
  get streamsInProcess(): number {
    return this.#run?.streamsInProcess ?? 0;
  }

  /** Times the stream was started again, whatever the cause. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Starts the stream, unless it runs or was stopped for good. */
  start(): void {
    const { state } = this.#loop;
    if (state === 'idle' || state === 'done') this.#looping = this.#runLoop();
  }

  /** Sends a command to the stream; returns whether there was somebody to take it. */
  send(command: StreamCommand): boolean {
    // It gets the newest document once the former run is over.
    if (command.type === 'wanted' && this.#isFormerThere) return true;
    return this.#run?.send(command) ?? false;
  }

  /** Ends the stream and starts it with what is wanted then, without waiting time. */
  restart(): void {
    if (!this.#loop.restart()) this.start();
  }

  /**
   * The stream goes on in another process, and its process ends with the last of its streams. Does nothing where it
   * does not run.
   *
   * @param isBeside - the next run is started beside the one that goes on and takes over from it; where it cannot, and
   * without it, the stream is restarted
   */
  changeProcess({ isBeside }: { readonly isBeside: boolean }): void {
    const run = this.#run;
    if (!run || this.#handingOver) return;
    this.#options.lease.retireProcess(run.pid);
    if (isBeside) this.#handingOver = this.#handOver(run);
    else this.restart();
  }

  /** Ends the stream for good; resolves once it is gone, and its process where it was the last one. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looping;
    this.#options.lease.release();
  }

  async #runLoop(): Promise<void> {
    const result = await this.#loop.run(this.#stopping.signal);
    if (result === 'done') this.#options.onEvent({ type: 'ended' });
  }

  /** One run of the stream. Returns when it was done, or told to end; throws why it failed. */
  async #runStream({ number, signal, markWorking }: Attempt): Promise<void> {
    const { prepare, lease, wanted, gpu, onEvent } = this.#options;
    if (number > 1) this.#restarts++;
    const destinations = await prepare();
    await lease.ready();
    if (signal.aborted) return;
    markWorking();
    const document = wanted();
    const { video, audio } = destinations;
    const command = { type: 'start', wanted: document, gpu, video, audio } as const;
    const first = lease.start(this.#options.runName, command, {
      onReport: (report) => this.#run === first && this.#onReport(report),
      onOrigins: (origins) => destinations.connect(origins),
      onSilent: () => this.#run === first && onEvent({ type: 'silent' }),
    });
    this.#signal = signal;
    this.#run = first;
    const stop = (): void => first.stop();
    signal.addEventListener('abort', stop);
    onEvent({ type: 'running' });
    const problem = await this.#untilEnd(first);
    signal.removeEventListener('abort', stop);
    this.#run = undefined;
    if (problem) throw new DiptychError(problem.code, problem.message);
  }

  /** Why the last of a run and its successors ended. */
  async #untilEnd(first: StreamRun): Promise<Problem | undefined> {
    for (let run = first; ;) {
      const problem = await run.ended;
      await this.#handingOver;
      const next = this.#run;
      if (next === undefined || next === run) return problem;
      run = next;
    }
  }

  /** Never rejects. */
  async #handOver(former: StreamRun): Promise<void> {
    const { logger } = this.#options;
    const signal = this.#signal;
    let hasTakenOver = false;
    try {
      hasTakenOver = await this.#tryHandOver(former, signal);
    } catch (error) {
      logger.warn({ err: error }, 'the next run of the stream could not be started beside this one');
    }
    this.#handingOver = undefined;
    if (hasTakenOver || signal.aborted || this.#run !== former) return;
    logger.warn('the next run of the stream did not show its pictures beside this one; the stream is started again');
    this.restart();
  }

  async #tryHandOver(former: StreamRun, signal: AbortSignal): Promise<boolean> {
    const { lease, gpu, onEvent, prepareSuccession } = this.#options;
    const succession = prepareSuccession();
    const { wanted, destinations } = succession;
    const { video, audio } = destinations;
    try {
      await lease.ready();
      if (signal.aborted) return false;
      return await handOver({
        ...{ former, succession, signal },
        onReport: (report) => this.#onReport(report),
        release: () => this.#release(former),
        onSilent: () => onEvent({ type: 'silent' }),
        start: (listeners) => {
          const command = { type: 'start', wanted, gpu, video, audio, isHeld: true } as const;
          const run = lease.start(this.#options.runName, command, listeners);
          signal.addEventListener('abort', () => run.stop(), { once: true });
          return run;
        },
        replace: (successor) => {
          this.#restarts++;
          this.#run = successor;
          this.#isFormerThere = true;
        },
      });
    } finally {
      this.#isFormerThere = false;
      succession.end();
    }
  }

  /** Resolves with where the media of a run ended; undefined where it does not say so in time. */
  #release(run: StreamRun): Promise<MediaPosition | undefined> {
    return new Promise((resolve) => {
      this.#onReleased = resolve;
      setTimeout(() => resolve(undefined), RELEASE_LIMIT_MS).unref();
      run.send({ type: 'release-media' });
    });
  }

  #onReport(report: StreamReport): void {
    if (report.type === 'media-released') this.#onReleased(report.position);
    else this.#options.onReport(report);
  }

  #onRetry(retry: Retry): void {
    if (retry.cause !== 'failed') return;
    const { onEvent, logger } = this.#options;
    const problem = problemOf(retry.error);
    logger.error(
      { code: problem.code, reason: problem.message, retryMs: retry.delayMs },
      'stream ended; it is started again',
    );
    onEvent({ type: 'waiting', problem, retryMs: retry.delayMs });
  }
}
