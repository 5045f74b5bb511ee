import type { Caller } from './caller.js';

/** Something that goes on for a caller: a WebSocket, a player, a publisher, events. */
interface Held {
  readonly caller: Caller;
  readonly end: () => void;
  readonly isGone: (() => boolean) | undefined;
}

/** What goes on for callers, so that it ends with what they may do. */
export class HeldAccess {
  readonly #held = new Set<Held>();

  /**
   * Something goes on.
   *
   * @param end - ends it
   * @param isGone - whether it has ended by itself; for what does not tell when it does
   * @returns to be called when it has ended by itself
   */
  hold(caller: Caller, end: () => void, isGone?: () => boolean): () => void {
    const held = { caller, end, isGone };
    this.#held.add(held);
    return () => this.#held.delete(held);
  }

  /** Ends what goes on for those who may not any more. */
  endWhere(isOver: (caller: Caller) => boolean): void {
    for (const held of [...this.#held]) {
      const hasGone = held.isGone?.() === true;
      if (!hasGone && !isOver(held.caller)) continue;
      this.#held.delete(held);
      if (!hasGone) held.end();
    }
  }
}
