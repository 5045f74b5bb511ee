/**
 * What a piece of work has acquired, to be released in reverse order whatever happens. The shape of
 * ECMAScript's `AsyncDisposableStack`, which Node 20 lacks (its polyfill brings some forty packages),
 * with one difference: see {@link withResources}.
 */
export class ResourceStack {
  readonly #releases: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** Takes a resource over and gives it back, to be used. `release` is called once, in the end. */
  adopt<T>(resource: T, release: (resource: T) => unknown): T {
    this.defer(() => release(resource));
    return resource;
  }

  /** Calls `release` once, in the end. @throws RangeError where the end has come already. */
  defer(release: () => unknown): void {
    if (this.#closing !== undefined) throw new RangeError('resources are released already');
    this.#releases.push(release);
  }

  /** Hands all resources over to a new stack; this one is left empty, and closing it does nothing. */
  move(): ResourceStack {
    const heir = new ResourceStack();
    for (const release of this.#releases.splice(0)) heir.defer(release);
    return heir;
  }

  /**
   * Releases everything, the latest first, each when the one before has been released. Idempotent.
   * @throws What the first release that failed was rejected with; the others are made all the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#releaseAll();
    return this.#closing;
  }

  async #releaseAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Does work that acquires resources, and releases them in reverse order once it is done or has failed.
 *
 * @throws What `work` failed with, whatever fails on release afterwards: the reason is worth more than
 * its consequences. Where `work` was done, the first failure to release.
 */
export async function withResources<T>(work: (resources: ResourceStack) => Promise<T>): Promise<T> {
  const resources = new ResourceStack();
  let result: T;
  try {
    result = await work(resources);
  } catch (error) {
    await resources.close().catch(() => undefined);
    throw error;
  }
  await resources.close();
  return result;
}
