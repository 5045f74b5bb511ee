/** Pictures that are being painted. Time comes in as an argument. */
export class PictureBacklog {
  readonly #begunMs: number[] = [];

  /** Painting begins, at `nowMs` of any steady clock. */
  begun(nowMs: number): void {
    this.#begunMs.push(nowMs);
  }

  /** The oldest one is painted. */
  done(): void {
    this.#begunMs.shift();
  }

  /** How long ago the oldest one was begun, ms; 0 where none is being painted. */
  waitedMs(nowMs: number): number {
    return nowMs - (this.#begunMs[0] ?? nowMs);
  }
}
