import type { types } from 'mediasoup';
import { HEARTBEAT_MS } from '../../shared/ipc/messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import { SILENCE_TICK_MS, SilenceWatch, type SilenceLimits } from '../guard/silence-watch.js';

/** What a {@link WorkerWatch} needs. */
export interface WorkerWatchOptions extends SilenceLimits {
  /** Told of a worker that is killed. */
  readonly logger: Logger;
}

/**
 * Notices a worker of mediasoup that lives and does nothing: asks it twice a second how much it
 * used, which it answers at once, and kills it when no answer comes. What then follows is as after
 * any other death of the worker.
 */
export class WorkerWatch {
  readonly #worker: types.Worker;
  readonly #options: WorkerWatchOptions;
  readonly #silence = new SilenceWatch();
  readonly #ticking: NodeJS.Timeout;
  readonly #asking: NodeJS.Timeout;

  constructor(worker: types.Worker, options: WorkerWatchOptions) {
    const { logger } = options;
    this.#worker = worker;
    this.#options = options;
    this.#ticking = setInterval(
      safeListener(logger, 'the watch over the media worker', () => this.#tick()),
      SILENCE_TICK_MS,
    );
    this.#asking = setInterval(
      safeListener(logger, 'asking the media worker', () => this.#ask()),
      HEARTBEAT_MS,
    );
  }

  /** Whether it gives no sign of life. */
  get isStalled(): boolean {
    return this.#silence.judge(this.#options) !== 'answers';
  }

  /** Ends the watch. Idempotent. */
  close(): void {
    clearInterval(this.#ticking);
    clearInterval(this.#asking);
  }

  #ask(): void {
    // A worker that hangs is asked no more: the answer to a question before counts when it goes on.
    if (this.isStalled) return;
    this.#worker.getResourceUsage().then(
      () => this.#silence.heard(),
      // It died, which its owner is told by another event.
      () => undefined,
    );
  }

  #tick(): void {
    this.#silence.tick();
    if (this.#silence.judge(this.#options) !== 'hung') return;
    const seconds = this.#options.hungAfterMs / 1000;
    const { pid } = this.#worker;
    this.#options.logger.error({ pid }, `the media worker gave no answer for ${seconds} s; it is killed`);
    this.close();
    killWorker(this.#worker);
  }
}

/** Ends a worker that may not be able to end itself, such as one that is stopped. */
export function killWorker({ pid }: types.Worker): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
