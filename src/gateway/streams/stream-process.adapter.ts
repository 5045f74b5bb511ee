import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import type { ProcessCommand, ProcessReport, StreamCommand, StreamReport } from '../../shared/ipc/messages.js';

export interface StreamProcessOptions {
  /** The script of the stream process. */
  readonly modulePath: string;
  /** Environment of the process besides the gateway's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** A started stream that has not reported anything for so long is hung. @defaultValue 60 */
  readonly startTimeoutS?: number;
  /** A stream that stopped reporting (it does once a second) for so long is hung. @defaultValue 10 */
  readonly silenceTimeoutS?: number;
  /** How long a process may take to end with all its streams. @defaultValue 2.2 */
  readonly stopTimeoutS?: number;
  /** How long one stream may take to end while others go on in its process. @defaultValue 10 */
  readonly aloneStopTimeoutS?: number;
}

export type StartCommand = Extract<StreamCommand, { readonly type: 'start' }>;

/** A stream in its process, from its start to its end. */
export interface StreamRun {
  /**
   * Why it ended; absent when it was done or told to stop. The last stream of a process has ended
   * when the process has. Never rejects.
   */
  readonly ended: Promise<string | undefined>;
  /** Whether there was somebody to take the command. */
  send(command: StreamCommand): boolean;
  /** Asks the stream to end. Idempotent. */
  stop(): void;
}

interface Run {
  readonly onReport: (report: StreamReport) => void;
  readonly end: (reason: string | undefined) => void;
  silentS: number;
  hasReported: boolean;
  /** Why the supervisor ends it. */
  verdict: string | undefined;
  isStopping: boolean;
  patience: NodeJS.Timeout | undefined;
}

/**
 * One life of a stream process, with all streams that run in it. Ends the process when its last
 * stream is over; kills it when it hangs, or when one of its streams neither reports nor ends:
 * then nothing else can free what that stream holds, and the others have to be started again.
 */
export class StreamProcess {
  /** Resolves when the process is no more; never rejects. */
  readonly gone: Promise<void>;

  readonly #options: StreamProcessOptions;
  readonly #child: ChildProcess;
  readonly #runs = new Map<string, Run>();
  /** Of the stream that was the last one, until the process is gone. */
  #endLast: ((exit: string | undefined) => void) | undefined;
  readonly #watch: NodeJS.Timeout;
  #silentS = 0;
  #isEnding = false;
  /** Why it was killed. */
  #verdict: string | undefined;
  /** It was killed after its streams were over, which is nobody's fault. */
  #isPutDown = false;
  #ending: NodeJS.Timeout | undefined;

  constructor(options: StreamProcessOptions) {
    this.#options = options;
    const { modulePath, environment } = options;
    this.#child = fork(modulePath, [], {
      // Ctrl+C goes to a whole group of processes; a stream ends when the gateway says so.
      detached: true,
      env: { ...process.env, ...environment },
      // Import conditions of the gateway are for its own sources.
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on(
      'message',
      safeListener(options.logger, 'a report of a stream process', (report) => this.#onReport(report as ProcessReport)),
    );
    this.#watch = setInterval(
      safeListener(options.logger, 'the watch over a stream process', () => this.#checkSilence()),
      1000,
    );
    this.gone = endOf(this.#child).then((exit) => {
      this.#onGone(exit);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get streamCount(): number {
    return this.#runs.size;
  }

  /** Whether it takes no more streams. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  start(streamId: string, command: StartCommand, onReport: (report: StreamReport) => void): StreamRun {
    if (this.#isEnding) throw new Error(`stream "${streamId}" was started in a process that ends`);
    clearTimeout(this.#ending);
    this.#ending = undefined;
    let end: Run['end'] = () => undefined;
    const ended = new Promise<string | undefined>((resolve) => {
      end = resolve;
    });
    const run: Run = {
      onReport,
      end,
      silentS: 0,
      hasReported: false,
      verdict: undefined,
      isStopping: false,
      patience: undefined,
    };
    this.#runs.set(streamId, run);
    const isCurrent = (): boolean => this.#runs.get(streamId) === run;
    this.#send({ ...command, streamId });
    return {
      ended,
      send: (next) => isCurrent() && this.#send({ ...next, streamId }),
      stop: () => {
        if (isCurrent()) this.#stop(streamId, run);
      },
    };
  }

  #send(command: ProcessCommand): boolean {
    const child = this.#child;
    if (!child.connected) return false;
    child.send(command, (error) => {
      if (error) this.#options.logger.debug({ err: error, command: command.type }, 'command not delivered');
    });
    return true;
  }

  #stop(streamId: string, run: Run): void {
    if (run.isStopping) return;
    run.isStopping = true;
    this.#send({ type: 'stop', streamId });
    const { aloneStopTimeoutS = 10 } = this.#options;
    run.patience = setTimeout(() => {
      this.#kill(`stream "${streamId}" did not end within ${aloneStopTimeoutS} s`);
    }, aloneStopTimeoutS * 1000);
    if ([...this.#runs.values()].every(({ isStopping }) => isStopping)) this.#expectEnd();
  }

  /** All streams are over or told to stop: from now on the process has `stopTimeoutS` left. */
  #expectEnd(): void {
    const { stopTimeoutS = 2.2, logger } = this.#options;
    this.#ending ??= setTimeout(() => {
      logger.warn({ pid: this.pid }, `stream process did not end within ${stopTimeoutS} s; it is killed`);
      this.#isPutDown = this.#runs.size === 0;
      this.#child.kill('SIGKILL');
    }, stopTimeoutS * 1000);
  }

  #onReport({ streamId, ...report }: ProcessReport): void {
    this.#silentS = 0;
    const run = this.#runs.get(streamId);
    if (!run) return;
    run.silentS = 0;
    run.hasReported = true;
    run.onReport(report);
    if (report.type === 'stopped') this.#onStopped(streamId, run, report.error);
  }

  #onStopped(streamId: string, run: Run, error: string | undefined): void {
    const reason = run.verdict ?? error;
    clearTimeout(run.patience);
    this.#runs.delete(streamId);
    if (this.#runs.size > 0) {
      run.end(reason);
      if ([...this.#runs.values()].every(({ isStopping }) => isStopping)) this.#expectEnd();
      return;
    }
    this.#isEnding = true;
    this.#endLast = (exit) => {
      run.end(reason ?? exit);
    };
    this.#expectEnd();
    this.#send({ type: 'end' });
  }

  /** Counts ticks, not time of day: a machine may have slept. */
  #checkSilence(): void {
    const { startTimeoutS = 60, silenceTimeoutS = 10 } = this.#options;
    const limitOf = ({ hasReported }: Run): number => (hasReported ? silenceTimeoutS : startTimeoutS);
    this.#silentS++;
    // A process that has nothing to report is as good as one that reports.
    const processLimitS = Math.max(0, ...[...this.#runs.values()].map(limitOf));
    if (processLimitS > 0 && this.#silentS >= processLimitS) {
      this.#kill(`the stream process did not report for ${processLimitS} s`);
      return;
    }
    for (const [streamId, run] of this.#runs) {
      run.silentS++;
      const limitS = limitOf(run);
      if (run.silentS < limitS || run.isStopping) continue;
      run.verdict = `the stream did not report for ${limitS} s`;
      this.#options.logger.error({ stream: streamId, pid: this.pid }, run.verdict);
      this.#stop(streamId, run);
    }
  }

  #kill(verdict: string): void {
    if (this.#verdict !== undefined) return;
    this.#verdict = verdict;
    this.#isEnding = true;
    const streams = [...this.#runs.keys()];
    this.#options.logger.error({ pid: this.pid, streams }, `${verdict}; the stream process is killed`);
    this.#child.kill('SIGKILL');
  }

  #onGone(exit: string | undefined): void {
    this.#isEnding = true;
    clearInterval(this.#watch);
    clearTimeout(this.#ending);
    this.#endLast?.(this.#isPutDown ? undefined : exit);
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const run of runs) {
      clearTimeout(run.patience);
      run.end(run.verdict ?? this.#verdict ?? exit ?? 'the stream process ended without a word');
    }
  }
}

/** What to say about the end of a process; `undefined` when it ended well. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Also told when it cannot be killed or sent to: without a listener that would be an exception.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`the stream process could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve(`the stream process was ended by ${signal}`);
      else resolve(code === 0 ? undefined : `the stream process ended with status ${String(code)}`);
    });
  });
}
