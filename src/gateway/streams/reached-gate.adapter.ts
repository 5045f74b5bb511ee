/** Those who wait until a stream has followed what is wanted of it. */
export class ReachedGate {
  readonly #waiting = new Set<{ readonly revision: number; readonly resolve: () => void }>();

  /**
   * Resolves when `revision` is reached: true, or false after `timeoutS`, s.
   */
  async wait(revision: number, timeoutS: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutS * 1000);
    });
    let resolve: () => void = () => undefined;
    const reached = new Promise<boolean>((settle) => {
      resolve = (): void => settle(true);
    });
    const entry = { revision, resolve };
    this.#waiting.add(entry);
    const isReached = await Promise.race([reached, late]);
    clearTimeout(timer);
    this.#waiting.delete(entry);
    return isReached;
  }

  /** This revision is reached, and all before it. */
  reach(revision: number): void {
    for (const { revision: awaited, resolve } of this.#waiting) if (awaited <= revision) resolve();
  }

  /** Nothing runs, so nothing runs that is not wanted. */
  open(): void {
    this.reach(Number.POSITIVE_INFINITY);
  }
}
