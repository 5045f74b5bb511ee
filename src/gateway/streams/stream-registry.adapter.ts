import { EventEmitter } from 'node:events';
import { nameTargets } from '../../shared/config/parse-config.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { ManagedStream, type ManagedStreamOptions } from './managed-stream.adapter.js';
import type { ProcessPool } from './process-pool.adapter.js';

export interface StreamRegistryOptions extends Omit<ManagedStreamOptions, 'config' | 'seat'> {
  readonly pool: ProcessPool;
}

export interface StreamRegistryEvents {
  added: [ManagedStream];
  removed: [ManagedStream];
}

/** Every stream of the gateway, by its name. */
export class StreamRegistry extends EventEmitter<StreamRegistryEvents> {
  readonly #options: StreamRegistryOptions;
  readonly #streams = new Map<string, ManagedStream>();
  #isClosed = false;

  constructor(options: StreamRegistryOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
  }

  /** In the order they were added. */
  list(): readonly ManagedStream[] {
    return [...this.#streams.values()];
  }

  find(id: string): ManagedStream | undefined {
    return this.#streams.get(id);
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` */
  get(id: string): ManagedStream {
    const stream = this.#streams.get(id);
    if (!stream) {
      const known = [...this.#streams.keys()].map((name) => `"${name}"`).join(', ') || 'none';
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no stream "${id}"; there is: ${known}`);
    }
    return stream;
  }

  /** Starts a stream. @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` when the name is taken. */
  add(config: StreamConfig): ManagedStream {
    if (this.#isClosed) throw new DiptychError('DIPTYCH_E_NOT_READY', 'the gateway is ending');
    if (this.#streams.has(config.id)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `there is a stream "${config.id}" already; choose another id, or change that one`,
      );
    }
    const { pool, ...options } = this.#options;
    const stream = new ManagedStream({ ...options, config: nameTargets(config), seat: pool.seat() });
    this.#streams.set(stream.id, stream);
    this.emit('added', stream);
    stream.start();
    return stream;
  }

  /** Ends a stream. @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` */
  async remove(id: string): Promise<void> {
    const stream = this.get(id);
    this.#streams.delete(id);
    this.emit('removed', stream);
    await stream.close();
  }

  /** Ends every stream at once. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.list().map((stream) => stream.close()));
  }
}
