/** Room for so many frames in a chain that is fed as fast as it goes; who comes in waits for it. */
export class FrameRoom {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param places - at least 2: a chain holds on to the newest frame until it has the next. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves when a place is taken; in the order of the calls. */
  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a place back. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
