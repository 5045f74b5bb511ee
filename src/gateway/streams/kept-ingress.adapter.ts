import type { StreamIngress } from './managed-stream-events.js';

/** Whom a {@link KeptIngress} asks and tells. */
export interface KeptIngressOptions {
  /** Opens one on ports of its own. */
  readonly create: () => Promise<StreamIngress>;
  /** Viewers have to go over to this one. Must not throw. */
  readonly onNew: (ingress: StreamIngress) => void;
}

/**
 * The ingress of a stream over all its runs: a run goes on in that of the one before, so that viewers and players see
 * one stream, and gets another only where that cannot be.
 */
export class KeptIngress {
  readonly #options: KeptIngressOptions;
  #current: StreamIngress | undefined;
  #isClosed = false;

  constructor(options: KeptIngressOptions) {
    this.#options = options;
  }

  /** Absent before the first run, and after {@link KeptIngress.drop}. */
  get current(): StreamIngress | undefined {
    return this.#current;
  }

  /** That of the next run. Rejects as `create` does. */
  async open(): Promise<StreamIngress> {
    if (this.#current && (await this.#current.resume())) return this.#current;
    this.drop();
    const { create, onNew } = this.#options;
    const ingress = await create();
    if (this.#isClosed) {
      ingress.close();
    } else {
      this.#current = ingress;
      onNew(ingress);
    }
    return ingress;
  }

  /** The next run gets another one. */
  drop(): void {
    this.#current?.close();
    this.#current = undefined;
  }

  /** There is no next run. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.drop();
  }
}
