import type { Problem } from '../../shared/domain/status-error.js';
import type { MediaOrigins, RtpDestination, StreamCommand, StreamReport } from '../../shared/ipc/messages.js';
import { SilenceWatch } from '../guard/silence-watch.js';

/** The command that starts a stream. */
export type StartCommand = Extract<StreamCommand, { readonly type: 'start' }>;

/** Who is told of a stream in its process. */
export interface RunListeners {
  /** Every report of the stream, the last one (`stopped`) included. */
  readonly onReport: (report: StreamReport) => void;
  /** From where it will send its media. */
  readonly onOrigins?: (origins: MediaOrigins) => void;
  /** The stream, or its process, gives no sign of life: once each time it begins. */
  readonly onSilent?: () => void;
}

/** Where one run of a stream sends its media. */
export interface StreamDestinations {
  /** H.264. */
  readonly video: RtpDestination;
  /** Opus. */
  readonly audio: RtpDestination;
  /** Takes the media that comes from these ports, and no other. Must not throw. */
  connect(origins: MediaOrigins): void;
}

/** A stream in its process, from its start to its end. */
export interface StreamRun {
  /**
   * Why it ended; absent when it was done or told to stop. The last stream of a process has ended
   * when the process has. Never rejects.
   */
  readonly ended: Promise<Problem | undefined>;
  /** Whether it, and its process, give signs of life. */
  readonly answers: boolean;
  /** Of its process; absent where that could not be started. */
  readonly pid: number | undefined;
  /** Streams that run in its process now, itself included. */
  readonly streamsInProcess: number;
  /** Sends a command to the stream; returns whether there was somebody to take it. */
  send(command: StreamCommand): boolean;
  /** Asks the stream to end. Idempotent. */
  stop(): void;
}

/** `running` ──told to stop──▶ `stopping` ──its last report──▶ `over`; also from `running` to `over`. */
export type RunState = 'running' | 'stopping' | 'over';

/** What a stream process keeps of one of its streams. */
export interface RunRecord {
  /** Who is told of it. */
  readonly listeners: RunListeners;
  /** Settles {@link StreamRun.ended}. */
  readonly end: (problem: Problem | undefined) => void;
  /** Since its last report. */
  readonly silence: SilenceWatch;
  /** Where it is between its start and its end. */
  state: RunState;
  /** It has not said yet that it takes commands: networks are opened, or fetched. */
  isOpening: boolean;
  /** It gives no sign of life, and its listener was told. */
  isSilent: boolean;
  /** Why it is ended though nobody asked for it. */
  killReason: string | undefined;
  /** Kills the process where the stream does not stop. */
  stopTimer: NodeJS.Timeout | undefined;
}

/** A process that crashed, hung or was killed, as the reason for which a stream ended. */
export const processProblem = (reason: string): Problem => ({
  code: 'DIPTYCH_E_PROCESS',
  message: `${reason}; where that comes again, the log of the gateway has more`,
});

/** What is kept of a stream that is started now. */
export const newRun = (listeners: RunListeners, end: RunRecord['end']): RunRecord => ({
  ...{ listeners, end, silence: new SilenceWatch(), state: 'running', isOpening: true, isSilent: false },
  ...{ killReason: undefined, stopTimer: undefined },
});
