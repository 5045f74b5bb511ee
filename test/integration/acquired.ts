/** What was acquired and released, by name; for tests that make one step after the other fail. */
export class AcquiredLog {
  /** Names, in the order of acquiring. */
  readonly acquired: string[] = [];
  /** Names, in the order of releasing. */
  readonly released: string[] = [];
  readonly #failing: string;

  /** @param failing - the step that fails, and acquires nothing */
  constructor(failing: string) {
    this.#failing = failing;
  }

  /** The same step, written down; it fails where it is the one to fail. */
  step<A extends unknown[], T extends { close(): unknown }>(
    name: string,
    open: (...args: A) => Promise<T>,
  ): (...args: A) => Promise<T> {
    return async (...args) => {
      this.failAt(name);
      return this.watch(name, await open(...args));
    };
  }

  /** Writes down that something was acquired, and when it is closed: each call counts. */
  watch<T extends { close(): unknown }>(name: string, resource: T): T {
    this.acquired.push(name);
    return new Proxy(resource, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (key !== 'close') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return () => {
          this.released.push(name);
          return target.close();
        };
      },
    });
  }

  /** @throws where this is the step to fail */
  failAt(name: string): void {
    if (name === this.#failing) throw new Error(`${name} failed`);
  }
}
