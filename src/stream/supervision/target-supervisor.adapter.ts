import { setTimeout as delay } from 'node:timers/promises';
import { maskUrl } from '../../shared/config/mask-url.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { EncodedTaps } from '../domain/media-tap.js';
import type { TargetState, TargetStatus } from '../../shared/domain/stream-status.js';
import { runTarget, type RtmpTarget, type TargetProgress } from '../stages/publish/rtmp-target.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { Backoff } from '../../shared/retry/backoff.js';

export interface TargetSupervisorOptions {
  readonly taps: EncodedTaps;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** A back-off for each target. @defaultValue one with the defaults of {@link Backoff} */
  readonly createBackoff?: () => Backoff;
  /** Taking nothing for longer ends an attempt, seconds. @defaultValue 8 */
  readonly timeoutS?: number;
}

interface Supervised {
  readonly target: RtmpTarget;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/**
 * Keeps targets alive, each by itself: runs it, and again with back-off whenever it fails. The only
 * place that restarts a target.
 */
export class TargetSupervisor {
  readonly #options: TargetSupervisorOptions;
  readonly #supervised = new Map<string, Supervised>();
  readonly #status = new Map<string, TargetStatus>();

  constructor(options: TargetSupervisorOptions) {
    this.#options = options;
  }

  /** In the order in which they were added. */
  get status(): readonly TargetStatus[] {
    return [...this.#status.values()];
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where there is one with this id. */
  add(target: RtmpTarget): void {
    const { id, url } = target;
    if (this.#supervised.has(id)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `there is a target ${id} already; remove it first or choose another id`,
      );
    }
    const status = { id, url: maskUrl(url), state: 'connecting', since: now(), bytes: 0, retries: 0 } as const;
    this.#status.set(id, status);
    const stop = new AbortController();
    this.#supervised.set(id, { target, stop, done: this.#supervise(target, stop.signal) });
  }

  /** Ends the target properly and forgets it; an unknown one is no error. Resolves when it has ended. */
  async remove(id: string): Promise<void> {
    const supervised = this.#supervised.get(id);
    if (supervised === undefined) return;
    supervised.stop.abort();
    await supervised.done;
    this.#supervised.delete(id);
    this.#status.delete(id);
  }

  /** Ends all targets at once. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#supervised.keys()].map((id) => this.remove(id)));
  }

  async #supervise(target: RtmpTarget, signal: AbortSignal): Promise<void> {
    const { taps, logger, createBackoff, timeoutS } = this.#options;
    const backoff = createBackoff?.() ?? new Backoff();
    const options = timeoutS === undefined ? {} : { timeoutS };
    // The bytes of earlier attempts stay counted.
    let earlierBytes = 0;
    while (!signal.aborted) {
      let liveSinceMs: number | undefined;
      let bytes = 0;
      const onProgress = (progress: TargetProgress): void => {
        if (progress.state === 'live') liveSinceMs ??= performance.now();
        bytes = progress.bytes;
        this.#set(target.id, { state: progress.state, bytes: earlierBytes + bytes });
      };
      try {
        await runTarget(target, taps, signal, onProgress, options);
      } catch (error) {
        const text = error instanceof DiptychError ? `${error.code}: ${error.message}` : String(error);
        const retryInMs = backoff.nextDelayMs(liveSinceMs === undefined ? 0 : performance.now() - liveSinceMs);
        logger.warn(
          { target: target.id, error: text, retryInMs: Math.round(retryInMs) },
          'target failed; it is tried again',
        );
        this.#set(target.id, {
          state: 'retrying',
          error: text,
          retries: (this.#status.get(target.id)?.retries ?? 0) + 1,
        });
        await delay(retryInMs, undefined, { signal }).catch(() => undefined);
      }
      earlierBytes += bytes;
    }
    this.#set(target.id, { state: 'closed' });
  }

  #set(
    id: string,
    news: { readonly state: TargetState; readonly bytes?: number; readonly error?: string; readonly retries?: number },
  ): void {
    const before = this.#status.get(id);
    if (before === undefined) return;
    const hasChanged = before.state !== news.state;
    if (hasChanged) this.#options.logger.info({ target: id, state: news.state }, 'target state');
    const { error, ...rest } = { ...before, ...news };
    // Told as long as it matters: until pictures flow again.
    const isHealed = news.state === 'live' || news.state === 'closed';
    this.#status.set(id, {
      ...rest,
      since: hasChanged ? now() : before.since,
      ...(error === undefined || isHealed ? {} : { error }),
    });
  }
}

const now = (): string => new Date().toISOString();
