import type { ChildProcess } from 'node:child_process';
import { nextState } from '../../shared/domain/transitions.js';
import type { Problem } from '../../shared/domain/status-error.js';
import type { Preparation, ProcessCommand, ProcessReport } from '../../shared/ipc/messages.js';
import { safeListener } from '../guard/safe-listener.js';
import { SILENCE_TICK_MS, SilenceWatch, type SilenceLimits } from '../guard/silence-watch.js';
import { exitOf, forkStreamProcess } from './child-process.adapter.js';
import { gpuEnvironment, type GpuDevice } from './gpu-choice.js';
import type { StreamProcessOptions } from './process-options.js';
import { PROCESS_TRANSITIONS, takesStreams, type ProcessEvent, type ProcessState } from './process-state.js';
import {
  newRun,
  processProblem,
  type RunListeners,
  type RunRecord,
  type StartCommand,
  type StreamRun,
} from './stream-run.js';

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
  readonly #runs = new Map<string, RunRecord>();
  readonly #silence = new SilenceWatch();
  readonly #watch: NodeJS.Timeout;
  #state: ProcessState = 'serving';
  #isRetired = false;
  /** Ends the stream that was the last one, once the process has exited. */
  #endLast: ((exit: string | undefined) => void) | undefined;
  /** It has not said yet that it runs, or it says that it opens networks. */
  #isOpening = true;
  #isPrepared = false;
  #killReason: string | undefined;
  /** Kills the process where it does not end. */
  #stopTimer: NodeJS.Timeout | undefined;

  constructor(options: StreamProcessOptions) {
    this.#options = options;
    const { modulePath, environment, gpu, child, logger } = options;
    this.#child = child ?? forkStreamProcess(modulePath, { ...environment, ...gpuEnvironment(gpu) });
    if (child && gpu) this.#send({ type: 'environment', variables: gpuEnvironment(gpu) });
    this.#child.on(
      'message',
      safeListener(logger, 'a report of a stream process', (report) => this.#onReport(report as ProcessReport)),
    );
    this.#watch = setInterval(
      safeListener(logger, 'the watch over a stream process', () => this.#checkSilence()),
      SILENCE_TICK_MS,
    );
    this.exited = exitOf(this.#child).then((exit) => this.#onExit(exit));
  }

  /** Absent where the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The one that it works on; undefined where it takes what it finds. */
  get gpu(): GpuDevice | undefined {
    return this.#options.gpu;
  }

  /** Streams that run in it, those that are stopping included. */
  get streamCount(): number {
    return this.#runs.size;
  }

  /** Whether it has opened what it was told to prepare. */
  get isPrepared(): boolean {
    return this.#isPrepared;
  }

  /** Whether it gives signs of life. */
  get answers(): boolean {
    return this.#silence.judge(this.#limits(this.#isOpening)) === 'answers';
  }

  /** Whether another stream may be started in it. */
  get takesStreams(): boolean {
    return !this.#isRetired && takesStreams(this.#state);
  }

  /** Takes no more streams from now on, and ends with the last of those that it has. Idempotent. */
  retire(): void {
    this.#isRetired = true;
  }

  /**
   * Starts a stream.
   *
   * @param streamId - of no other stream that runs in it
   * @throws where it takes no more streams, see {@link takesStreams}
   */
  start(streamId: string, command: StartCommand, listeners: RunListeners): StreamRun {
    if (!this.takesStreams) throw new Error(`stream "${streamId}" was started in a process that ends`);
    let end: RunRecord['end'] = () => undefined;
    const ended = new Promise<Problem | undefined>((resolve) => {
      end = resolve;
    });
    const run = newRun(listeners, end);
    this.#runs.set(streamId, run);
    this.#apply('start');
    this.#send({ ...command, streamId });
    const streamsInProcess = (): number => this.streamCount;
    return {
      ended,
      pid: this.pid,
      get streamsInProcess() {
        return streamsInProcess();
      },
      get answers() {
        return !run.isSilent;
      },
      send: (next) => run.state !== 'over' && this.#send({ ...next, streamId }),
      stop: () => this.#stop(streamId, run),
    };
  }

  /** Opens in advance what the next stream will need; for a process without streams. */
  prepare(preparation: Preparation): void {
    this.#isPrepared = false;
    this.#send({ type: 'prepare', preparation });
  }

  /** Ends a process that has no stream. Idempotent. */
  end(): void {
    this.#apply('last-over');
    this.#send({ type: 'end' });
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

  #stop(streamId: string, run: RunRecord): void {
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

  #onReport(message: ProcessReport): void {
    // Nothing else is a sign of life of the whole process: threads that go on beside one that hangs report as before.
    if (message.type === 'heartbeat') {
      this.#silence.heard();
      this.#isOpening = message.isOpening;
      return;
    }
    if (message.type === 'prepared') {
      this.#isPrepared = true;
      return;
    }
    const { streamId, ...report } = message;
    const run = this.#runs.get(streamId);
    if (!run) return;
    if (report.type === 'media') {
      run.listeners.onOrigins?.(report.origins);
      return;
    }
    run.silence.heard();
    run.isSilent = false;
    // It takes commands before it is open, and says so.
    if (report.type !== 'reached') run.isOpening = false;
    try {
      run.listeners.onReport(report);
    } finally {
      if (report.type === 'stopped') this.#onStopped(streamId, run, report.error);
    }
  }

  #onStopped(streamId: string, run: RunRecord, error: Problem | undefined): void {
    const problem = run.killReason === undefined ? error : processProblem(run.killReason);
    this.#forget(streamId, run);
    if (this.#runs.size > 0) {
      run.end(problem);
      this.#checkAllStopping();
      return;
    }
    this.#endLast = (exit) => run.end(problem ?? (exit === undefined ? undefined : processProblem(exit)));
    this.end();
  }

  #forget(streamId: string, run: RunRecord): void {
    run.state = 'over';
    clearTimeout(run.stopTimer);
    this.#runs.delete(streamId);
  }

  /** A process that hangs is killed; a stream that hangs in one that does not is stopped. */
  #checkSilence(): void {
    const runs = [...this.#runs];
    this.#silence.tick();
    const limits = this.#limits(this.#isOpening || runs.some(([, { isOpening }]) => isOpening));
    const answering = this.#silence.judge(limits);
    if (answering === 'hung') {
      this.#kill(`the stream process gave no sign of life for ${limits.hungAfterMs / 1000} s`);
      return;
    }
    for (const [streamId, run] of runs) this.#checkRun(streamId, run, answering === 'stalled');
  }

  #checkRun(streamId: string, run: RunRecord, isProcessStalled: boolean): void {
    run.silence.tick();
    if (run.state !== 'running') return;
    const limits = this.#limits(run.isOpening);
    const answering = run.silence.judge(limits);
    if (!run.isSilent && answering !== 'answers') {
      run.isSilent = true;
      run.listeners.onSilent?.();
    }
    if (answering !== 'hung' || isProcessStalled) return;
    run.killReason = `the stream did not report for ${limits.hungAfterMs / 1000} s`;
    this.#options.logger.error({ stream: streamId, pid: this.pid }, run.killReason);
    this.#stop(streamId, run);
  }

  #limits(isOpening: boolean): SilenceLimits {
    const { startTimeoutS = 60, stalledAfterS = 1.5, silenceTimeoutS = 4 } = this.#options;
    if (isOpening) return { stalledAfterMs: startTimeoutS * 1000, hungAfterMs: startTimeoutS * 1000 };
    return { stalledAfterMs: stalledAfterS * 1000, hungAfterMs: silenceTimeoutS * 1000 };
  }

  #kill(reason: string): void {
    if (!takesStreams(this.#state)) return;
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
      const reason = run.killReason ?? this.#killReason ?? exit;
      run.end(processProblem(reason ?? 'the stream process exited without a message'));
    }
  }
}
