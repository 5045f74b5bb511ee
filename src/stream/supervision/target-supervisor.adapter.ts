import { maskUrl } from '../../shared/config/mask-url.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { problemOf, statusError } from '../../shared/domain/status-error.js';
import type { TargetStatus } from '../../shared/domain/stream-status.js';
import { Backoff, type BackoffOptions, type RetryPolicy } from '../../shared/retry/backoff.js';
import { RetryLoop, type Retry } from '../../shared/retry/retry-loop.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { EncodedTaps } from '../domain/media-tap.js';
import { runTarget } from '../stages/publish/run-target.adapter.js';
import type { Target } from '../stages/publish/target.js';
import type { RunningTarget } from './reconcile.js';
import { nextTargetStatus, type TargetEvent } from './target-status.js';

/**
 * About ten seconds of attempts, each half a second after the last one on average: for so long a platform
 * waits for a stream to come back before it ends the broadcast.
 */
const TARGET_BACKOFF: BackoffOptions = { baseMs: 1000, quickFailures: 12, healthyAfterS: 10, isFirstAtOnce: true };

/** Where targets get their media, and how they are tried again. */
export interface TargetSupervisorOptions {
  /** Encoded video and audio; each target reads them at a pace of its own. */
  readonly taps: EncodedTaps;
  /** States of targets (info) and failed attempts (warn). */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Makes the policy of one target. @defaultValue a {@link Backoff} that is quick for about ten seconds */
  readonly createBackoff?: () => RetryPolicy;
  /**
   * Taking nothing for longer ends an attempt, seconds. Higher: a slow target keeps its connection.
   * Lower: one that hangs is connected anew sooner. @defaultValue 8
   */
  readonly timeoutS?: number;
}

interface Supervised {
  readonly target: Target;
  readonly stop: AbortController;
  readonly done: Promise<unknown>;
  status: TargetStatus;
}

/**
 * Keeps targets running, each by itself and in a {@link RetryLoop} of its own. Their states are
 * those of {@link nextTargetStatus}.
 */
export class TargetSupervisor {
  readonly #options: TargetSupervisorOptions;
  readonly #supervised = new Map<string, Supervised>();

  constructor(options: TargetSupervisorOptions) {
    this.#options = options;
  }

  /** In the order in which they were started. */
  get status(): readonly TargetStatus[] {
    return [...this.#supervised.values()].map(({ status }) => status);
  }

  /** Every target from its start until it has ended. */
  get running(): readonly RunningTarget[] {
    return [...this.#supervised.values()].map(({ target, stop }) => ({ ...target, isEnding: stop.signal.aborted }));
  }

  /**
   * Begins to publish to a target.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` while one with this id runs.
   */
  start(target: Target): void {
    const { id, url } = target;
    if (this.#supervised.has(id)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `there is a target ${id} already; end it first or choose another id`,
      );
    }
    const stop = new AbortController();
    const supervised: Supervised = {
      ...{ target, stop },
      status: { id, url: maskUrl(url), state: 'connecting', since: nowIso(), bytes: 0, retries: 0, dropped: 0 },
      done: Promise.resolve().then(() => this.#supervise(target, supervised)),
    };
    this.#supervised.set(id, supervised);
  }

  /** Ends the target properly and forgets it; an unknown one is no error. Resolves when it has ended. */
  async end(id: string): Promise<void> {
    const supervised = this.#supervised.get(id);
    if (supervised === undefined) return;
    supervised.stop.abort();
    await supervised.done;
    if (this.#supervised.get(id) === supervised) this.#supervised.delete(id);
  }

  /** Ends all targets at once. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#supervised.keys()].map((id) => this.end(id)));
  }

  async #supervise(target: Target, supervised: Supervised): Promise<void> {
    const { taps, createBackoff, timeoutS } = this.#options;
    const loop = new RetryLoop({
      policy: createBackoff?.() ?? new Backoff(TARGET_BACKOFF),
      run: ({ signal, markWorking }) => {
        // What earlier attempts sent and left out stays counted.
        const earlier = supervised.status;
        return runTarget(
          target,
          taps,
          signal,
          ({ state, bytes, dropped, waitsFor }) => {
            if (state === 'live') markWorking();
            this.#apply(supervised, {
              ...{ type: 'progress', state, ...(waitsFor && { error: statusError(waitsFor) }) },
              bytes: earlier.bytes + bytes,
              dropped: earlier.dropped + dropped,
            });
          },
          timeoutS === undefined ? {} : { timeoutS },
        );
      },
      onRetry: (retry) => this.#onRetry(supervised, retry),
    });
    await loop.run(supervised.stop.signal);
    this.#apply(supervised, { type: 'closed' });
  }

  #onRetry(supervised: Supervised, retry: Retry): void {
    if (retry.cause !== 'failed') return;
    const { error, delayMs } = retry;
    const problem = problemOf(error, 'DIPTYCH_E_TARGET');
    this.#options.logger.warn(
      { target: supervised.status.id, error: `${problem.code}: ${problem.message}`, retryInMs: Math.round(delayMs) },
      'target failed; it is tried again',
    );
    this.#apply(supervised, { type: 'failed', error: statusError(problem, Date.now() + delayMs) });
  }

  #apply(supervised: Supervised, event: TargetEvent): void {
    const before = supervised.status;
    supervised.status = nextTargetStatus(before, event, nowIso());
    const { id, state } = supervised.status;
    if (state !== before.state) this.#options.logger.info({ target: id, state }, 'target state');
  }
}

const nowIso = (): string => new Date().toISOString();
