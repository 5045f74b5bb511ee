import type { KeyframeLimiter } from './keyframe-limiter.js';

/** Passes on requests for keyframes as the limiter allows; the merged ones as soon as they fall due. */
export class KeyframeGate {
  readonly #limiter: KeyframeLimiter;
  readonly #send: () => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Lets nothing pass by itself.
   *
   * @param send - asks the stream for a keyframe; must not throw
   */
  constructor(limiter: KeyframeLimiter, send: () => void) {
    this.#limiter = limiter;
    this.#send = send;
  }

  /** Asks for a keyframe, now or as soon as one is allowed. */
  request(): void {
    if (this.#limiter.request(performance.now())) this.#send();
    else this.#wait();
  }

  /** Forgets a request that waits. Idempotent; may be used again afterwards. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(): void {
    const { dueAtMs } = this.#limiter;
    if (this.#timer !== undefined || dueAtMs === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#limiter.isDue(performance.now())) this.#send();
        else this.#wait();
      },
      Math.ceil(dueAtMs - performance.now()),
    );
  }
}
