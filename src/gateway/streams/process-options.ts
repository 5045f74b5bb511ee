import type { ChildProcess } from 'node:child_process';
import type { GpuDevice } from './gpu-choice.js';
import type { Logger } from '../../shared/telemetry/logger.js';

/** How a stream process is started, and how long it is given. */
export interface StreamProcessOptions {
  /** The script of the stream process. */
  readonly modulePath: string;
  /** Environment of the process besides the gateway's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The GPU that the process works on, where this host has several or one was asked for. @defaultValue what it finds */
  readonly gpu?: GpuDevice | undefined;
  /** One that was started already, with this environment but for its GPU. @defaultValue it is started */
  readonly child?: ChildProcess | undefined;
  /** Kills and silent streams (error), late ends (warn). */
  readonly logger: Logger;
  /**
   * While it opens networks, a process or stream that gives no sign of life for so long is hung, s.
   * Higher: slow first starts pass. Lower: one that hangs while starting is started again sooner.
   * @defaultValue 60
   */
  readonly startTimeoutS?: number;
  /**
   * A process that gives no sign of life (it does twice a second), or a stream that does not report
   * (it does once a second), is told as stalled after so long, s. Higher: short pauses are not shown.
   * Lower: a hang is shown sooner. @defaultValue 1.5
   */
  readonly stalledAfterS?: number;
  /**
   * After so long without a sign of life it is hung and replaced, s. Higher: longer pauses pass.
   * Lower: one that hangs is started again sooner. @defaultValue 4
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
