import type { KeyframeLimiter } from './keyframe-limiter.js';

/** Lets wishes for keyframes through as the limiter allows; the merged ones as soon as they fall due. */
export class KeyframeGate {
  readonly #limiter: KeyframeLimiter;
  readonly #send: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(limiter: KeyframeLimiter, send: () => void) {
    this.#limiter = limiter;
    this.#send = send;
  }

  request(): void {
    if (this.#limiter.request(performance.now())) this.#send();
    else this.#wait();
  }

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
