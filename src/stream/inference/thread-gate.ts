/** Places in the shared memory. */
const CLOSED = 0;
const INSIDE = 1;

/**
 * Lets a thread end only between its calls into native code. onnxruntime-node aborts the whole
 * process when its thread is ended (by `process.exit` or `terminate`) while a call is inside it
 * (seen with 1.29, exit status 134). The thread does such calls through `pass`; whoever ends the
 * thread or the process calls `close` first. Shared between the two by its `memory`.
 */
export class ThreadGate {
  /** Two 32-bit integers; given to the thread, which makes a gate of its own over it. */
  readonly memory: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#state = new Int32Array(memory);
  }

  /** Does `work` inside the gate; one at a time. @throws where the gate is closed. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    // Announced before looking: `close` looks after it has announced.
    Atomics.store(this.#state, INSIDE, 1);
    try {
      if (Atomics.load(this.#state, CLOSED) === 1) throw new Error('the thread is being ended');
      return await work();
    } finally {
      Atomics.store(this.#state, INSIDE, 0);
      Atomics.notify(this.#state, INSIDE);
    }
  }

  /**
   * Lets nobody in any more and blocks until nobody is inside.
   *
   * @returns whether it is empty; `false` after `timeoutMs`.
   */
  close(timeoutMs: number): boolean {
    Atomics.store(this.#state, CLOSED, 1);
    return Atomics.wait(this.#state, INSIDE, 1, timeoutMs) !== 'timed-out';
  }
}
