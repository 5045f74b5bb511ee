import { DiptychError } from '../../shared/domain/errors.js';
import type { RecordingStatus } from '../../shared/domain/recording.js';
import { problemOf, statusError } from '../../shared/domain/status-error.js';
import { Backoff, type RetryPolicy } from '../../shared/retry/backoff.js';
import { RetryLoop, type Retry } from '../../shared/retry/retry-loop.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { record } from '../stages/record/record-attempt.adapter.js';
import type { RecordOptions } from '../stages/record/record-options.js';
import type { RecordSettings, RunningRecording } from './reconcile.js';
import { nextRecordingStatus, type RecordingEvent } from './recording-status.js';

/** What is recorded, and whom a {@link RecordingSupervisor} tells. */
export interface RecordingSupervisorOptions extends Omit<RecordOptions, keyof RecordSettings> {
  /** Changes of the state (info) and failures (warn; debug where the last one had the same reason). */
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Told after each change of the state, and at each new segment. */
  readonly onChange: () => void;
  /** Makes the policy of one recording. @defaultValue a {@link Backoff} of up to 30 s */
  readonly createBackoff?: () => RetryPolicy;
}

interface Supervised {
  readonly settings: RecordSettings;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Keeps the recording of a stream running, in a {@link RetryLoop}. Its states are those of {@link nextRecordingStatus}. */
export class RecordingSupervisor {
  readonly #options: RecordingSupervisorOptions;
  #supervised: Supervised | undefined;
  #status: RecordingStatus = { state: 'off', since: nowIso(), bytes: 0 };

  constructor(options: RecordingSupervisorOptions) {
    this.#options = options;
  }

  /** As it is now. */
  get status(): RecordingStatus {
    return this.#status;
  }

  /** From its start until it has ended; absent otherwise. */
  get running(): RunningRecording | undefined {
    return this.#supervised && { ...this.#supervised.settings, isEnding: this.#supervised.stop.signal.aborted };
  }

  /** Begins to record. @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` while it records already. */
  start(settings: RecordSettings): void {
    if (this.#supervised) throw new DiptychError('DIPTYCH_E_CONFLICT', 'the stream is recorded already');
    const stop = new AbortController();
    this.#apply({ type: 'started' });
    const done = Promise.resolve().then(() => this.#supervise(settings, stop.signal));
    this.#supervised = { settings, stop, done };
  }

  /** Completes the segment that is written. Resolves when it is; never rejects. Idempotent. */
  async end(): Promise<void> {
    const supervised = this.#supervised;
    if (supervised === undefined) return;
    supervised.stop.abort();
    await supervised.done;
    if (this.#supervised !== supervised) return;
    this.#supervised = undefined;
    this.#apply({ type: 'ended' });
  }

  async #supervise(settings: RecordSettings, signal: AbortSignal): Promise<void> {
    const { createBackoff, logger: _logger, onChange: _onChange, ...options } = this.#options;
    const loop = new RetryLoop({
      policy: createBackoff?.() ?? new Backoff({ baseMs: 2000 }),
      run: (attempt) => {
        // The bytes of earlier attempts stay counted.
        const earlierBytes = this.#status.bytes;
        return record({ ...options, ...settings }, attempt.signal, ({ file, bytes }) => {
          if (file !== undefined) attempt.markWorking();
          this.#apply({ type: 'progress', bytes: earlierBytes + bytes, ...(file !== undefined && { file }) });
        });
      },
      onRetry: (retry) => this.#onRetry(retry),
    });
    await loop.run(signal);
  }

  #onRetry(retry: Retry): void {
    if (retry.cause !== 'failed') return;
    const { error, delayMs } = retry;
    const problem = problemOf(error, 'DIPTYCH_E_RECORDING');
    const cause = error instanceof Error ? error.cause : undefined;
    const retryInMs = Math.round(delayMs);
    // A disk that stays full is told once.
    const level = this.#status.error?.message === problem.message ? 'debug' : 'warn';
    this.#options.logger[level]({ error: problem, cause, retryInMs }, 'recording failed; it is tried again');
    this.#apply({ type: 'failed', error: statusError(problem, Date.now() + delayMs) });
  }

  #apply(event: RecordingEvent): void {
    const before = this.#status;
    this.#status = nextRecordingStatus(before, event, nowIso());
    const { state, file } = this.#status;
    if (state === before.state && file === before.file) return;
    if (state !== before.state) this.#options.logger.info({ state, file }, 'recording state');
    this.#options.onChange();
  }
}

const nowIso = (): string => new Date().toISOString();
