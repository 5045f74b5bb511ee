import type { ThreadGate } from './thread-gate.js';

/** The process waits this long for inferences before it exits, ms. */
export const EXIT_TIMEOUT_MS = 1000;

/** Closes gates before the process exits. */
export class ExitGuard {
  readonly #gates = new Set<ThreadGate>();

  /** From now on the process waits until nobody is inside. @returns ends that */
  add(gate: ThreadGate): () => void {
    if (this.#gates.size === 0) process.on('exit', this.#close);
    this.#gates.add(gate);
    return () => {
      this.#gates.delete(gate);
      if (this.#gates.size === 0) process.off('exit', this.#close);
    };
  }

  readonly #close = (): void => {
    const untilMs = performance.now() + EXIT_TIMEOUT_MS;
    // Nobody begins anything while others are waited for.
    for (const gate of this.#gates) gate.close(0);
    for (const gate of this.#gates) gate.close(Math.max(0, untilMs - performance.now()));
  };
}
