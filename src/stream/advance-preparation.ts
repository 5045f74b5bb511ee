import type { Preparation } from '../shared/ipc/messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import type { LiveStreamSteps } from './live-stream.js';
import { PreparedStream } from './prepared-stream.js';

/** What a thread opens in advance for the first stream that it will run. */
export class AdvancePreparation {
  readonly #logger: Logger;
  /** Absent once a stream has taken it. */
  #prepared: PreparedStream | undefined;

  /** Nothing is opened yet. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Whether native code may block the thread for it. */
  get isOpening(): boolean {
    return this.#prepared?.isOpening === true;
  }

  /** Opens what a stream will need, in place of what was opened before; resolves once it is there, as far as it can be had. */
  async open(preparation: Preparation): Promise<void> {
    try {
      await this.#prepared?.close();
      this.#prepared = new PreparedStream(preparation, this.#logger);
      await this.#prepared.ready;
    } catch (error) {
      this.#logger.warn({ err: error }, 'not everything could be opened in advance; a stream tries again');
    }
  }

  /** Hands over what was opened, once. */
  take(): Partial<LiveStreamSteps> {
    const taken = this.#prepared;
    this.#prepared = undefined;
    return taken ? { openBackend: (options) => taken.openBackend(options) } : {};
  }

  /** Frees what no stream has taken. Idempotent. */
  async close(): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    await prepared?.close();
  }
}
