import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { StreamConfig } from '#config/schema.js';
import type { Logger } from '#telemetry/logger.js';
import type { RtpDestination, StreamCommand, StreamReport } from './messages.js';

/** Where one run of a stream process sends its media. */
export interface StreamDestinations {
  readonly video: RtpDestination;
  readonly audio: RtpDestination;
}

/**
 * `running`: the process is there · `waiting`: it ended unasked and is started again in `retryMs`
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
  /** The script of the stream process. */
  readonly modulePath: string;
  /** Environment of the process besides the gateway's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes the destinations for one run; called before every start. */
  readonly prepare: () => Promise<StreamDestinations>;
  readonly backoff: RestartBackoff;
  readonly onReport: (report: StreamReport) => void;
  readonly onEvent: (event: SupervisorEvent) => void;
  readonly logger: Logger;
  /** A started process that has not reported anything for so long is started again. @defaultValue 60 */
  readonly startTimeoutS?: number;
  /** A process that stopped reporting (it does once a second) for so long is hung. @defaultValue 10 */
  readonly silenceTimeoutS?: number;
  /** How long a process may take to end when asked. @defaultValue 2.2 */
  readonly stopTimeoutS?: number;
}

/**
 * Keeps the process of one stream running: starts it, starts it again when it crashes or hangs
 * (waiting longer each time), and ends it. The one place that restarts stream processes.
 */
export class StreamSupervisor {
  readonly #options: StreamSupervisorOptions;
  readonly #stopping = new AbortController();
  #config: StreamConfig;
  #child: ChildProcess | undefined;
  #running: Promise<void> | undefined;
  #restartWanted = false;
  /** Cuts the waiting time short. */
  #wake = new AbortController();
  #restarts = 0;

  constructor(options: StreamSupervisorOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** Of the process; absent while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Times the process was started again, whatever the cause. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Whether there was a process to take the command. */
  send(command: StreamCommand): boolean {
    const child = this.#child;
    if (child?.connected !== true) return false;
    child.send(command, (error) => {
      if (error) this.#options.logger.debug({ err: error, command: command.type }, 'command not delivered');
    });
    return true;
  }

  /** What the next start gets; a running process has been told by commands. */
  configure(config: StreamConfig): void {
    this.#config = config;
  }

  /** Ends the process and starts it with another configuration (or the same), without waiting time. */
  restart(config: StreamConfig = this.#config): void {
    this.#config = config;
    this.#restartWanted = true;
    this.#wake.abort();
    if (this.#child) void this.#endChild(this.#child);
    if (!this.#running) this.start();
  }

  /** Ends the process for good; resolves once it is gone. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    if (this.#child) await this.#endChild(this.#child);
    await this.#running;
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
      logger.error({ reason, retryMs }, 'stream process ended; it is started again');
      onEvent({ type: 'waiting', reason, retryMs });
      await delay(retryMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    }
  }

  /** One life of the process. `reason` is absent when it ended of itself and was done. */
  async #runOnce(): Promise<{ readonly reason?: string; readonly ranMs: number }> {
    const startedMs = performance.now();
    const { prepare, modulePath, environment, onReport, onEvent } = this.#options;
    let destinations: StreamDestinations;
    try {
      destinations = await prepare();
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), ranMs: 0 };
    }
    if (this.#isStopping()) return { ranMs: 0 };

    const child = fork(modulePath, [], {
      // Ctrl+C goes to a whole group of processes; a stream ends when the gateway says so.
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    onEvent({ type: 'running' });
    const watch = this.#watchSilence(child);
    const seen = { stopped: false };
    child.on('message', (report: StreamReport) => {
      watch.heard();
      if (report.type === 'stopped') seen.stopped = true;
      onReport(report);
    });
    this.send({ type: 'start', streamId: this.#config.id, config: this.#config, ...destinations });
    const exit = await endOf(child);
    watch.close();
    this.#child = undefined;
    const ranMs = performance.now() - startedMs;
    if (seen.stopped && exit === undefined) return { ranMs };
    return { reason: watch.verdict() ?? exit ?? 'the stream process ended without a word', ranMs };
  }

  /** Kills a process that says nothing. Counts ticks, not time of day: a machine may have slept. */
  #watchSilence(child: ChildProcess): { heard(): void; verdict(): string | undefined; close(): void } {
    const { startTimeoutS = 60, silenceTimeoutS = 10, logger } = this.#options;
    let limitS = startTimeoutS;
    let silentS = 0;
    let verdict: string | undefined;
    const timer = setInterval(() => {
      silentS++;
      if (silentS < limitS || verdict !== undefined) return;
      verdict = `the stream process did not report for ${limitS} s`;
      logger.error({ pid: child.pid }, verdict);
      child.kill('SIGKILL');
    }, 1000);
    return {
      heard: () => {
        silentS = 0;
        limitS = silenceTimeoutS;
      },
      verdict: () => verdict,
      close: () => {
        clearInterval(timer);
      },
    };
  }

  async #endChild(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const { stopTimeoutS = 2.2, logger } = this.#options;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.send({ type: 'stop' });
    const timer = setTimeout(() => {
      logger.warn({ pid: child.pid }, `stream process did not end within ${stopTimeoutS} s; it is killed`);
      child.kill('SIGKILL');
    }, stopTimeoutS * 1000);
    await gone;
    clearTimeout(timer);
  }
}

/** What to say about the end of a process; `undefined` when it ended well. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(`the stream process could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve(`the stream process was ended by ${signal}`);
      else resolve(code === 0 ? undefined : `the stream process ended with status ${String(code)}`);
    });
  });
}
