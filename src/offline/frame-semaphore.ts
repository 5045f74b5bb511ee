/** Bounds the frames in a chain that is fed as fast as it goes: a frame more waits for one to be released. */
export class FrameSemaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param frames - how many may be in the chain, at least 2: it keeps the newest frame until it has the next. */
  constructor(frames: number) {
    this.#free = frames;
  }

  /** Resolves when the frame may enter; in the order of the calls. */
  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** A frame has left the chain. */
  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
