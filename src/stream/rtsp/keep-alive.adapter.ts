import type { RtspResponse } from './rtsp-message.js';

/** What keeps a session alive, and by which requests. */
export interface KeepAliveOptions {
  /** Without a request for so long the server may end the session, s. */
  readonly timeoutS: number;
  /** What the server said it takes, in capitals. */
  readonly methods: ReadonlySet<string>;
  /** Asks the server. */
  readonly ask: (method: 'GET_PARAMETER' | 'OPTIONS') => Promise<RtspResponse>;
}

/** By these a server says that it does not take the request, not that the session is over. */
const NOT_TAKEN = new Set([400, 404, 405, 451, 455, 501, 551]);
const MIN_INTERVAL_MS = 1000;

/**
 * Sends a request at half the time-out of the session, whatever flows: `GET_PARAMETER` where the server names it, else
 * `OPTIONS`. Many servers count neither packets nor RTCP over TCP as a sign of life.
 */
export class KeepAlive {
  readonly #ask: KeepAliveOptions['ask'];
  readonly #timer: NodeJS.Timeout;
  #method: 'GET_PARAMETER' | 'OPTIONS';

  constructor({ timeoutS, methods, ask }: KeepAliveOptions) {
    this.#ask = ask;
    this.#method = methods.has('GET_PARAMETER') ? 'GET_PARAMETER' : 'OPTIONS';
    this.#timer = setInterval(() => void this.#send(), Math.max(MIN_INTERVAL_MS, timeoutS * 500));
  }

  /** Sends no more; idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #send(): Promise<void> {
    try {
      const { status } = await this.#ask(this.#method);
      if (this.#method !== 'GET_PARAMETER' || !NOT_TAKEN.has(status)) return;
      this.#method = 'OPTIONS';
      await this.#ask('OPTIONS');
    } catch {
      // A camera that does not answer this one may send all the same: its packets tell whether it is there.
    }
  }
}
