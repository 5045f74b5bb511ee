import { nextState } from '../domain/transitions.js';
import type { RetryPolicy } from './backoff.js';
import { RETRY_TRANSITIONS, type RetryEvent, type RetryState } from './retry-state.js';

/** One attempt at the work, as its `run` sees it. */
export interface Attempt {
  /** 1 for the first one since the loop was started. */
  readonly number: number;
  /**
   * Aborts when the attempt is to end, because the loop ends or starts it anew. The attempt then
   * frees what it holds and returns or throws, which makes no difference.
   */
  readonly signal: AbortSignal;
  /** Resolves when `signal` aborts. */
  readonly aborted: Promise<void>;
  /**
   * From now on the attempt counts as working; the policy is told for how long it did. Without it,
   * an attempt has never worked. Idempotent.
   */
  readonly markWorking: () => void;
}

/** Why there is another attempt. */
export type Retry =
  /** The attempt threw; the next one begins in `delayMs`. */
  | { readonly cause: 'failed'; readonly error: unknown; readonly delayMs: number }
  /** {@link RetryLoop.restart} was called; the next one begins at once. */
  | { readonly cause: 'restarted'; readonly reason: unknown };

/** What a {@link RetryLoop} runs, and how. */
export interface RetryLoopOptions {
  /** The work: returns when it is done for good, throws when it failed. Never retries by itself. */
  readonly run: (attempt: Attempt) => Promise<void>;
  /** How long to wait after a failure. */
  readonly policy: RetryPolicy;
  /** Whether no retry can mend an error. @defaultValue never */
  readonly isFinal?: (error: unknown) => boolean;
  /** Told before the delay, or before the attempt that follows a restart. Must not throw. */
  readonly onRetry?: (retry: Retry) => void;
}

/**
 * Keeps something running: runs it, and again after a delay whenever it fails. Everything that
 * restarts (sources, targets, streams with their processes, the media worker) does so here.
 *
 * For its states, see {@link RETRY_TRANSITIONS}.
 */
export class RetryLoop {
  readonly #options: RetryLoopOptions;
  #state: RetryState = 'idle';
  /** Ends the attempt, or the delay, that is under way. */
  #interruption = new AbortController();
  #restart: { readonly reason: unknown } | undefined;

  constructor(options: RetryLoopOptions) {
    this.#options = options;
  }

  /** See {@link RetryState}. */
  get state(): RetryState {
    return this.#state;
  }

  /**
   * Runs until the work returns (`done`) or `signal` aborts (`stopped`); an attempt under way is
   * then waited for. May be called again after `done`, and after an error.
   *
   * @throws what {@link RetryLoopOptions.isFinal} says no retry can mend
   */
  async run(signal: AbortSignal): Promise<'done' | 'stopped'> {
    const interrupt = (): void => this.#interruption.abort();
    signal.addEventListener('abort', interrupt);
    try {
      this.#to(signal.aborted ? 'stop' : 'start');
      for (let number = 1; this.#state === 'running'; number++) await this.#attempt(number, signal);
      return this.#state === 'done' ? 'done' : 'stopped';
    } finally {
      // `signal` may outlive many runs.
      signal.removeEventListener('abort', interrupt);
    }
  }

  /**
   * Ends the attempt under way, or the delay before the next, and begins the next one at once. Does
   * nothing in any other state.
   *
   * @param reason - passed on in {@link Retry}
   * @returns whether there was something to begin anew
   */
  restart(reason?: unknown): boolean {
    if (this.#state !== 'running' && this.#state !== 'waiting') return false;
    this.#restart ??= { reason };
    this.#interruption.abort();
    return true;
  }

  /** One attempt, and the delay after it where it failed. */
  async #attempt(number: number, signal: AbortSignal): Promise<void> {
    const { run, policy, isFinal, onRetry } = this.#options;
    this.#restart = undefined;
    this.#interruption = new AbortController();
    let workingSinceMs: number | undefined;
    let failure: { readonly error: unknown } | undefined;
    try {
      const { signal: interruption } = this.#interruption;
      await run({
        number,
        signal: interruption,
        aborted: new Promise((resolve) => interruption.addEventListener('abort', () => resolve(), { once: true })),
        markWorking: () => (workingSinceMs ??= performance.now()),
      });
    } catch (error) {
      failure = { error };
    }
    const restart = this.#pendingRestart;
    if (signal.aborted) this.#to('stop');
    else if (restart) {
      this.#to('restart');
      onRetry?.({ cause: 'restarted', reason: restart.reason });
    } else if (!failure) this.#to('return');
    else if (isFinal?.(failure.error) === true) {
      this.#to('give-up');
      throw failure.error;
    } else {
      const delayMs = policy.nextDelayMs(workingSinceMs === undefined ? 0 : performance.now() - workingSinceMs);
      this.#to('fail');
      onRetry?.({ cause: 'failed', error: failure.error, delayMs });
      await sleep(delayMs, this.#interruption.signal);
      this.#to(this.#eventAfterDelay(signal));
    }
  }

  #eventAfterDelay(signal: AbortSignal): RetryEvent {
    if (signal.aborted) return 'stop';
    return this.#pendingRestart ? 'restart' : 'due';
  }

  // A getter, because it changes while others are waited for.
  get #pendingRestart(): { readonly reason: unknown } | undefined {
    return this.#restart;
  }

  #to(event: RetryEvent): void {
    this.#state = nextState(RETRY_TRANSITIONS, this.#state, event);
  }
}

/** Resolves after the delay, or as soon as `signal` aborts. */
function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, delayMs);
    if (signal.aborted) wake();
    else signal.addEventListener('abort', wake);
  });
}
