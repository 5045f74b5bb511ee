import type { FrameHandle } from '../../../shared/domain/frame.js';

/** What a {@link FrameSemaphore} counts, and how frames leave. */
export interface FrameSemaphoreOptions {
  /**
   * Frames in the chain at once, at least 2: the chain keeps the newest frame until it has the next.
   * More lets stages work on several frames at a time; fewer takes less memory.
   */
  readonly maxFrames: number;
  /** Gives one reference back to the addon. */
  readonly release: (handle: FrameHandle) => void;
}

/**
 * Bounds the frames in a chain that is fed as fast as it takes them, and knows those that are in it:
 * the next frame waits for one to be released, and what is left when the chain ends is released at once.
 */
export class FrameSemaphore {
  readonly #release: (handle: FrameHandle) => void;
  readonly #held = new Set<FrameHandle>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor({ maxFrames, release }: FrameSemaphoreOptions) {
    this.#free = maxFrames;
    this.#release = release;
  }

  /** Resolves when one frame more may enter; in the order of the calls. */
  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Takes over the reference to the frame that entered after `acquire`. */
  hold(handle: FrameHandle): void {
    this.#held.add(handle);
  }

  /** Releases a frame that has left the chain and lets the next one enter; one that is not held is left alone. */
  release(handle: FrameHandle): void {
    if (!this.#held.delete(handle)) return;
    this.#release(handle);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }

  /** Releases all frames that are held: the chain has ended, and some were on their way. Idempotent. */
  releaseAll(): void {
    for (const handle of [...this.#held]) this.release(handle);
  }
}
