import { setTimeout as delay } from 'node:timers/promises';
import type { GpuConfig, StreamConfig } from '../../shared/config/schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { RtpDestination, StreamCommand, StreamReport } from '../../shared/ipc/messages.js';
import type { ProcessSeat } from './process-pool.adapter.js';
import type { StreamRun } from './stream-process.adapter.js';

/** Where one run of a stream sends its media. */
export interface StreamDestinations {
  readonly video: RtpDestination;
  readonly audio: RtpDestination;
}

/**
 * `running`: the stream was started · `waiting`: it ended unasked and is started again in `retryMs`
 * · `ended`: it ended of itself, done (a file that does not loop).
 */
export type SupervisorEvent =
  | { readonly type: 'running' }
  | { readonly type: 'waiting'; readonly reason: string; readonly retryMs: number }
  | { readonly type: 'ended' };

/** How long to wait before the next start. */
export interface RestartBackoff {
  /** Milliseconds; `ranMs` is how long the attempt that just failed had worked. */
  nextDelayMs(ranMs: number): number;
}

export interface StreamSupervisorOptions {
  readonly config: StreamConfig;
  readonly gpu: GpuConfig;
  /** Where it runs. */
  readonly seat: ProcessSeat;
  /** Makes the destinations for one run; called before every start. */
  readonly prepare: () => Promise<StreamDestinations>;
  readonly backoff: RestartBackoff;
  readonly onReport: (report: StreamReport) => void;
  readonly onEvent: (event: SupervisorEvent) => void;
  readonly logger: Logger;
}

/**
 * Keeps one stream running: starts it in its process, starts it again when it or the process fails
 * (waiting longer each time), and ends it. The one place that restarts streams.
 */
export class StreamSupervisor {
  readonly #options: StreamSupervisorOptions;
  readonly #stopping = new AbortController();
  #config: StreamConfig;
  #current: StreamRun | undefined;
  #running: Promise<void> | undefined;
  #restartWanted = false;
  /** Cuts the waiting time short. */
  #wake = new AbortController();
  #restarts = 0;

  constructor(options: StreamSupervisorOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** Of the process that runs the stream; absent while it does not run. */
  get pid(): number | undefined {
    return this.#current && this.#options.seat.pid;
  }

  /** Streams in that process, this one included; 0 while it does not run. */
  get streamsInProcess(): number {
    return this.#current ? this.#options.seat.streamsInProcess : 0;
  }

  /** Times the stream was started again, whatever the cause. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Whether there was somebody to take the command. */
  send(command: StreamCommand): boolean {
    return this.#current?.send(command) ?? false;
  }

  /** What the next start gets; a running stream has been told by commands. */
  configure(config: StreamConfig): void {
    this.#config = config;
  }

  /** Ends the stream and starts it with another configuration (or the same), without waiting time. */
  restart(config: StreamConfig = this.#config): void {
    this.#config = config;
    this.#restartWanted = true;
    this.#wake.abort();
    this.#current?.stop();
    if (!this.#running) this.start();
  }

  /** Ends the stream for good; resolves once it is gone, and its process where it was the last one. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    this.#current?.stop();
    await this.#running;
    this.#options.seat.leave();
  }

  // Methods, because both change while others are waited for.
  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #isRestartWanted(): boolean {
    return this.#restartWanted;
  }

  async #run(): Promise<void> {
    const { backoff, onEvent, logger } = this.#options;
    for (let isFirst = true; !this.#isStopping(); isFirst = false) {
      if (!isFirst) this.#restarts++;
      this.#restartWanted = false;
      this.#wake = new AbortController();
      const { reason, ranMs } = await this.#runOnce();
      if (this.#isStopping()) return;
      if (this.#isRestartWanted()) continue;
      if (reason === undefined) {
        onEvent({ type: 'ended' });
        this.#running = undefined;
        return;
      }
      const retryMs = backoff.nextDelayMs(ranMs);
      logger.error({ reason, retryMs }, 'stream ended; it is started again');
      onEvent({ type: 'waiting', reason, retryMs });
      await delay(retryMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
  }

  /** One life of the stream. `reason` is absent when it ended of itself and was done. */
  async #runOnce(): Promise<{ readonly reason?: string; readonly ranMs: number }> {
    const { prepare, seat, gpu, onReport, onEvent } = this.#options;
    let destinations: StreamDestinations;
    try {
      destinations = await prepare();
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), ranMs: 0 };
    }
    await seat.ready();
    if (this.#isStopping() || this.#isRestartWanted()) return { ranMs: 0 };

    const startedMs = performance.now();
    const { id } = this.#config;
    const run = seat.start(id, { type: 'start', config: this.#config, gpu, ...destinations }, onReport);
    this.#current = run;
    onEvent({ type: 'running' });
    const reason = await run.ended;
    this.#current = undefined;
    return { ...(reason !== undefined && { reason }), ranMs: performance.now() - startedMs };
  }
}
