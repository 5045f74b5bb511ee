import { Subject, type Observable } from 'rxjs';
import { DiptychError } from '../../shared/domain/errors.js';
import type { RetryPolicy } from '../../shared/retry/backoff.js';
import { RetryLoop, type Attempt, type Retry } from '../../shared/retry/retry-loop.adapter.js';
import type { SourceCondition } from '../domain/composition-plan.js';
import type { NativeFrame } from '../native/types.js';
import { conditionOf, LOST, type SourceReception } from './source-reception.js';

/** One attempt at a source, as the supervisor needs it. */
export interface SupervisedSession {
  /** In the order of their PTS; each frame is the subscriber's to release. */
  readonly frames$: Observable<NativeFrame>;
  /** Resolves when the source ended by itself, rejects when it failed. */
  readonly ended: Promise<'eos'>;
  /** Frees everything the session holds. Idempotent. */
  close(): Promise<void>;
}

/** What a {@link SourceSupervisor} keeps running, and whom it tells. */
export interface SourceSupervisorOptions<S extends SupervisedSession> {
  /** Begins a session, which `signal` aborts while it begins; rejects with a {@link DiptychError} where the source cannot be had. */
  readonly open: (signal: AbortSignal) => Promise<S>;
  /** How long to wait before the source is opened again. */
  readonly backoff: RetryPolicy;
  /** How long to wait after this failure, ms, where `backoff` says `backoffMs`. @defaultValue `backoffMs` */
  readonly delayMs?: (error: DiptychError, backoffMs: number) => number;
  /** Running time, milliseconds. */
  readonly nowMs: () => number;
  /**
   * No frame for this long: `stalled`, ms. Higher: short gaps between frames are not reported.
   * Lower: a source that stops is noticed sooner.
   */
  readonly stallMs: number;
  /** A session has begun; it is closed by the supervisor. */
  readonly onSession: (session: S) => void;
  /**
   * A session is over, or could not begin; the next attempt begins in `retryInMs`. `error` is absent
   * where the source ended by itself.
   */
  readonly onLost: (error: DiptychError | undefined, retryInMs: number) => void;
}

/** The source came to its end, as a file or a camera that is shut down does. */
class SourceEnded extends Error {}

/**
 * Keeps a source running: opens it, hands its frames on, and opens it again with back-off whenever
 * it ends or fails. Its states are those of a {@link RetryLoop} (an attempt is one session) and,
 * within a session, of its {@link SourceReception}.
 */
export class SourceSupervisor<S extends SupervisedSession> {
  readonly #options: SourceSupervisorOptions<S>;
  readonly #frames = new Subject<NativeFrame>();
  readonly #loop: RetryLoop;
  #reception: SourceReception = LOST;
  /** Of the last attempt. */
  #error: DiptychError | undefined;

  constructor(options: SourceSupervisorOptions<S>) {
    this.#options = options;
    this.#loop = new RetryLoop({
      run: (attempt) => this.#runSession(attempt),
      policy: { nextDelayMs: (workedMs) => this.#delayMs(options.backoff.nextDelayMs(workedMs)) },
      onRetry: (retry) => this.#onRetry(retry),
    });
  }

  /** Frames of every session, one after the other; completes when `run` returns. */
  get frames$(): Observable<NativeFrame> {
    return this.#frames;
  }

  /** `lost` until the first frame, and from the end of a session to the next one's first frame. */
  get condition(): SourceCondition {
    const { nowMs, stallMs } = this.#options;
    return conditionOf(this.#reception, nowMs(), stallMs);
  }

  /** Opens the source anew at once, for a reason that is not its own. */
  restart(reason: DiptychError): void {
    this.#loop.restart(reason);
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#loop.run(signal);
    } finally {
      this.#frames.complete();
    }
  }

  #delayMs(backoffMs: number): number {
    const { delayMs } = this.#options;
    return this.#error === undefined || !delayMs ? backoffMs : delayMs(this.#error, backoffMs);
  }

  #onRetry(retry: Retry): void {
    const { onLost } = this.#options;
    if (retry.cause === 'restarted') onLost(retry.reason as DiptychError, 0);
    else onLost(retry.error instanceof SourceEnded ? undefined : (retry.error as DiptychError), retry.delayMs);
  }

  /** Never returns of itself: a source that ended is opened again like one that failed. */
  async #runSession({ signal, aborted, markWorking }: Attempt): Promise<void> {
    const { open, onSession, nowMs } = this.#options;
    this.#error = undefined;
    let session: S | undefined;
    try {
      session = await open(signal);
      onSession(session);
      const subscription = session.frames$.subscribe((frame) => {
        // A camera that keeps one waiting for seconds before it fails has not worked.
        markWorking();
        this.#reception = { type: 'receiving', lastFrameMs: nowMs() };
        this.#frames.next(frame);
      });
      await Promise.race([session.ended, aborted]).finally(() => subscription.unsubscribe());
      throw new SourceEnded();
    } catch (error) {
      if (error instanceof DiptychError) this.#error = error;
      if (error instanceof DiptychError || error instanceof SourceEnded) throw error;
      throw new DiptychError('DIPTYCH_E_INTERNAL', String(error), { cause: error });
    } finally {
      this.#reception = LOST;
      await session?.close();
    }
  }
}
