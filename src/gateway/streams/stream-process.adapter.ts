import { type ChildProcess, fork } from 'node:child_process';
import { nextState } from '../../shared/domain/transitions.js';
import type { ProcessCommand, ProcessReport, StreamCommand, StreamReport } from '../../shared/ipc/messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import { PROCESS_TRANSITIONS, takesStreams, type ProcessEvent, type ProcessState } from './process-state.js';

/** How a stream process is started, and how long it is given. */
export interface StreamProcessOptions {
  /** The script of the stream process. */
  readonly modulePath: string;
  /** Environment of the process besides the gateway's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Kills and silent streams (error), late ends (warn). */
  readonly logger: Logger;
  /**
   * A started stream that has not reported anything for so long is hung, s. Higher: slow first
   * starts pass. Lower: one that hangs while starting is started again sooner. @defaultValue 60
   */
  readonly startTimeoutS?: number;
  /**
   * A stream that stopped reporting (it does once a second) for so long is hung, s. Higher: longer
   * pauses pass. Lower: one that hangs is started again sooner. @defaultValue 10
   */
  readonly silenceTimeoutS?: number;
  /**
   * How long a process may take to end with all its streams, s. Higher: recordings and targets have
   * more time for a proper end. Lower: the gateway ends sooner. @defaultValue 2.2
   */
  readonly stopTimeoutS?: number;
  /**
   * How long one stream may take to end while others go on in its process, s; beyond it the process
   * is killed with the others. @defaultValue 10
   */
  readonly aloneStopTimeoutS?: number;
}

/** The command that starts a stream. */
export type StartCommand = Extract<StreamCommand, { readonly type: 'start' }>;

/** A stream in its process, from its start to its end. */
export interface StreamRun {
  /**
   * Why it ended; absent when it was done or told to stop. The last stream of a process has ended
   * when the process has. Never rejects.
   */
  readonly ended: Promise<string | undefined>;
  /** Sends a command to the stream; returns whether there was somebody to take it. */
  send(command: StreamCommand): boolean;
  /** Asks the stream to end. Idempotent. */
  stop(): void;
}

/** `running` ──told to stop──▶ `stopping` ──its last report──▶ `over`; also from `running` to `over`. */
type RunState = 'running' | 'stopping' | 'over';

interface Run {
  readonly onReport: (report: StreamReport) => void;
  readonly end: (reason: string | undefined) => void;
  state: RunState;
  silentS: number;
  /** Silent for so long, the stream is hung; changes with its first report. */
  silenceLimitS: number;
  /** Why it is ended though nobody asked for it. */
  killReason: string | undefined;
  /** Kills the process where the stream does not stop. */
  stopTimer: NodeJS.Timeout | undefined;
}

/**
 * One life of a stream process, with all streams that run in it. Ends the process when its last
 * stream is over; kills it when it hangs, or when one of its streams neither reports nor ends:
 * then nothing else can free what that stream holds, and the others have to be started again.
 *
 * For its states, see {@link PROCESS_TRANSITIONS}.
 */
export class StreamProcess {
  /** Resolves when the process is no more; never rejects. */
  readonly exited: Promise<void>;

  readonly #options: StreamProcessOptions;
  readonly #child: ChildProcess;
  readonly #runs = new Map<string, Run>();
  readonly #watch: NodeJS.Timeout;
  #state: ProcessState = 'serving';
  /** Ends the stream that was the last one, once the process has exited. */
  #endLast: ((exit: string | undefined) => void) | undefined;
  #silentS = 0;
  #killReason: string | undefined;
  /** Kills the process where it does not end. */
  #stopTimer: NodeJS.Timeout | undefined;

  constructor(options: StreamProcessOptions) {
    this.#options = options;
    const { modulePath, environment, logger } = options;
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
      safeListener(logger, 'a report of a stream process', (report) => this.#onReport(report as ProcessReport)),
    );
    this.#watch = setInterval(
      safeListener(logger, 'the watch over a stream process', () => this.#checkSilence()),
      1000,
    );
    this.exited = exitOf(this.#child).then((exit) => this.#onExit(exit));
  }

  /** Absent where the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Streams that run in it, those that are stopping included. */
  get streamCount(): number {
    return this.#runs.size;
  }

  /** Whether another stream may be started in it. */
  get takesStreams(): boolean {
    return takesStreams(this.#state);
  }

  /**
   * Starts a stream.
   *
   * @param streamId - of no other stream that runs in it
   * @param onReport - every report of the stream, the last one (`stopped`) included
   * @throws where it takes no more streams, see {@link takesStreams}
   */
  start(streamId: string, command: StartCommand, onReport: (report: StreamReport) => void): StreamRun {
    if (!this.takesStreams) throw new Error(`stream "${streamId}" was started in a process that ends`);
    let end: Run['end'] = () => undefined;
    const ended = new Promise<string | undefined>((resolve) => {
      end = resolve;
    });
    const { startTimeoutS = 60 } = this.#options;
    const run: Run = {
      ...{ onReport, end, state: 'running', silentS: 0, silenceLimitS: startTimeoutS },
      ...{ killReason: undefined, stopTimer: undefined },
    };
    this.#runs.set(streamId, run);
    this.#apply('start');
    this.#send({ ...command, streamId });
    return {
      ended,
      send: (next) => run.state !== 'over' && this.#send({ ...next, streamId }),
      stop: () => this.#stop(streamId, run),
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

  /** Changes the state, and does what belongs to the new one. */
  #apply(event: ProcessEvent): void {
    const before = this.#state;
    this.#state = nextState(PROCESS_TRANSITIONS, before, event);
    if (this.#state === before) return;
    switch (this.#state) {
      case 'serving':
        clearTimeout(this.#stopTimer);
        this.#stopTimer = undefined;
        break;
      case 'stopping':
      case 'ending':
        this.#limitEnd();
        break;
      case 'killed':
      case 'reaped':
        this.#child.kill('SIGKILL');
        break;
      case 'exited':
        clearInterval(this.#watch);
        clearTimeout(this.#stopTimer);
    }
  }

  /** From now on the process has `stopTimeoutS` left to exit. */
  #limitEnd(): void {
    const { stopTimeoutS = 2.2, logger } = this.#options;
    this.#stopTimer ??= setTimeout(() => {
      logger.warn({ pid: this.pid }, `stream process did not end within ${stopTimeoutS} s; it is killed`);
      this.#apply('late');
    }, stopTimeoutS * 1000);
  }

  #stop(streamId: string, run: Run): void {
    if (run.state !== 'running') return;
    run.state = 'stopping';
    this.#send({ type: 'stop', streamId });
    const { aloneStopTimeoutS = 10 } = this.#options;
    run.stopTimer = setTimeout(
      () => this.#kill(`stream "${streamId}" did not end within ${aloneStopTimeoutS} s`),
      aloneStopTimeoutS * 1000,
    );
    this.#checkAllStopping();
  }

  #checkAllStopping(): void {
    if ([...this.#runs.values()].every(({ state }) => state === 'stopping')) this.#apply('stop-last');
  }

  #onReport({ streamId, ...report }: ProcessReport): void {
    const { silenceTimeoutS = 10 } = this.#options;
    this.#silentS = 0;
    const run = this.#runs.get(streamId);
    if (!run) return;
    run.silentS = 0;
    run.silenceLimitS = silenceTimeoutS;
    try {
      run.onReport(report);
    } finally {
      if (report.type === 'stopped') this.#onStopped(streamId, run, report.error);
    }
  }

  #onStopped(streamId: string, run: Run, error: string | undefined): void {
    const reason = run.killReason ?? error;
    this.#forget(streamId, run);
    if (this.#runs.size > 0) {
      run.end(reason);
      this.#checkAllStopping();
      return;
    }
    this.#endLast = (exit) => run.end(reason ?? exit);
    this.#apply('last-over');
    this.#send({ type: 'end' });
  }

  #forget(streamId: string, run: Run): void {
    run.state = 'over';
    clearTimeout(run.stopTimer);
    this.#runs.delete(streamId);
  }

  /** Counts ticks, not time of day: a machine may have slept. */
  #checkSilence(): void {
    this.#silentS++;
    // Without a stream, a process has nothing to report.
    const processLimitS = Math.max(0, ...[...this.#runs.values()].map(({ silenceLimitS }) => silenceLimitS));
    if (processLimitS > 0 && this.#silentS >= processLimitS) {
      this.#kill(`the stream process did not report for ${processLimitS} s`);
      return;
    }
    for (const [streamId, run] of this.#runs) {
      run.silentS++;
      if (run.silentS < run.silenceLimitS || run.state !== 'running') continue;
      run.killReason = `the stream did not report for ${run.silenceLimitS} s`;
      this.#options.logger.error({ stream: streamId, pid: this.pid }, run.killReason);
      this.#stop(streamId, run);
    }
  }

  #kill(reason: string): void {
    if (!this.takesStreams) return;
    this.#killReason = reason;
    const streams = [...this.#runs.keys()];
    this.#options.logger.error({ pid: this.pid, streams }, `${reason}; the stream process is killed`);
    this.#apply('hang');
  }

  #onExit(exit: string | undefined): void {
    const wasReaped = this.#state === 'reaped';
    this.#apply('exit');
    this.#endLast?.(wasReaped ? undefined : exit);
    for (const [streamId, run] of [...this.#runs]) {
      this.#forget(streamId, run);
      run.end(run.killReason ?? this.#killReason ?? exit ?? 'the stream process exited without a message');
    }
  }
}

/** What to say about the end of a process; `undefined` when it ended well. */
function exitOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Also emitted when it cannot be killed or sent to: without a listener that would be an exception.
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`the stream process could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve(`the stream process was ended by ${signal}`);
      else resolve(code === 0 ? undefined : `the stream process ended with status ${String(code)}`);
    });
  });
}
