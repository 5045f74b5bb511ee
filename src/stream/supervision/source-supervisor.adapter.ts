import { Subject, type Observable } from 'rxjs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import type { SourceCondition } from '../domain/composition-plan.js';
import type { NativeFrame } from '../native/types.js';
import type { Backoff } from '../../shared/retry/backoff.js';

/** One attempt at a source, as the supervisor needs it. */
export interface SupervisedSession {
  readonly frames$: Observable<NativeFrame>;
  /** Resolves when the source ended by itself, rejects when it failed. */
  readonly ended: Promise<'eos'>;
  close(): Promise<void>;
}

export interface SourceSupervisorOptions<S extends SupervisedSession> {
  readonly open: () => Promise<S>;
  readonly backoff: Backoff;
  /** Running time, milliseconds. */
  readonly nowMs: () => number;
  /** No frame for this long: `stalled`, milliseconds. */
  readonly stallMs: number;
  /** An error that no retry can mend ends the source, e.g. a wrong password on a local file. */
  readonly isFinal: (error: DiptychError) => boolean;
  readonly onSession: (session: S) => void;
  readonly onLost: (error: DiptychError | undefined, retryInMs: number) => void;
}

/**
 * Keeps a source alive: opens it, hands its frames on, and opens it again with back-off
 * whenever it ends or fails. The only place that restarts a source.
 */
export class SourceSupervisor<S extends SupervisedSession> {
  readonly #options: SourceSupervisorOptions<S>;
  readonly #frames = new Subject<NativeFrame>();
  #lastFrameMs: number | undefined;
  #isOpen = false;
  /** Ends the session under way. */
  #end: ((reason: DiptychError) => void) | undefined;
  #isRestarted = false;

  constructor(options: SourceSupervisorOptions<S>) {
    this.#options = options;
  }

  /** Frames of every session, one after the other; completes when `run` returns. */
  get frames$(): Observable<NativeFrame> {
    return this.#frames;
  }

  /** `lost` until the first frame, and from the end of a session to the next one's first frame. */
  get condition(): SourceCondition {
    if (!this.#isOpen || this.#lastFrameMs === undefined) return 'lost';
    return this.#options.nowMs() - this.#lastFrameMs > this.#options.stallMs ? 'stalled' : 'live';
  }

  /** Opens the source anew at once, for a reason that is not its own. */
  restart(reason: DiptychError): void {
    this.#isRestarted = true;
    this.#end?.(reason);
  }

  /**
   * Runs until `signal` aborts.
   * @throws {@link DiptychError} when the source failed in a way that no retry can mend.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { backoff, isFinal, onLost } = this.#options;
    const isStopped = (): boolean => signal.aborted;
    try {
      while (!isStopped()) {
        const startedMs = this.#options.nowMs();
        const error = await this.#runSession(signal);
        if (isStopped()) return;
        if (error && isFinal(error)) throw error;
        const retryInMs = this.#isRestarted ? 0 : backoff.nextDelayMs(this.#options.nowMs() - startedMs);
        onLost(error, retryInMs);
        await delay(retryInMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      this.#frames.complete();
    }
  }

  async #runSession(signal: AbortSignal): Promise<DiptychError | undefined> {
    let session: S | undefined;
    const stop = new AbortController();
    const restarted = new Promise<never>((_, reject) => {
      this.#end = reject;
    });
    // One that comes while the session is being opened is looked at afterwards.
    restarted.catch(() => undefined);
    this.#isRestarted = false;
    try {
      session = await this.#options.open();
      this.#options.onSession(session);
      const subscription = session.frames$.subscribe((frame) => {
        this.#isOpen = true;
        this.#lastFrameMs = this.#options.nowMs();
        this.#frames.next(frame);
      });
      await Promise.race([session.ended, restarted, once(signal, 'abort', { signal: stop.signal })]).finally(() =>
        subscription.unsubscribe(),
      );
      return undefined;
    } catch (error) {
      return error instanceof DiptychError
        ? error
        : new DiptychError('DIPTYCH_E_INTERNAL', String(error), { cause: error });
    } finally {
      this.#isOpen = false;
      // Takes the listener off `signal`, which outlives many sessions.
      stop.abort();
      await session?.close();
    }
  }
}
