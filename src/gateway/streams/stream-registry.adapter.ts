import { EventEmitter } from 'node:events';
import type { ChangedOptions } from '../../shared/config/changed-options.js';
import { nameTargets } from '../../shared/config/parse-config.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ManagedStreamOptions } from './managed-stream-options.js';
import { ManagedStream } from './managed-stream.adapter.js';
import type { ProcessPool } from './process-pool.adapter.js';

/** What all streams have in common. */
export interface StreamRegistryOptions extends Omit<ManagedStreamOptions, 'config' | 'lease' | 'people' | 'isSilent'> {
  /** Where streams run. */
  readonly pool: ProcessPool;
}

/** What those who follow all streams are told. Listeners must not throw. */
export interface StreamRegistryEvents {
  /** Before it is started. */
  added: [ManagedStream];
  /** Before it has ended. */
  removed: [ManagedStream];
  /** It has another name from now on; the second is the former one. */
  renamed: [ManagedStream, string];
}

/** Names in a message, at most. */
const MAX_LISTED = 20;

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

  /** Absent where there is no stream with this name. */
  find(id: string): ManagedStream | undefined {
    return this.#streams.get(id);
  }

  /**
   * The stream with this name.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`, with the names that there are
   */
  get(id: string): ManagedStream {
    const stream = this.#streams.get(id);
    if (!stream) {
      const names = [...this.#streams.keys()].slice(0, MAX_LISTED).map((name) => `"${name}"`);
      const more = this.#streams.size > names.length ? ` and ${this.#streams.size - names.length} more` : '';
      const known = `${names.join(', ')}${more}` || 'none';
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no stream "${id}"; there is: ${known}`);
    }
    return stream;
  }

  /**
   * Starts a stream.
   *
   * @param more - whom its first run knows already, and whether it begins without targets and recording
   * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` when the name is taken, `DIPTYCH_E_NOT_READY`
   * while the gateway ends.
   */
  add(config: StreamConfig, more: Pick<ManagedStreamOptions, 'people' | 'isSilent'> = {}): ManagedStream {
    if (this.#isClosed) throw new DiptychError('DIPTYCH_E_NOT_READY', 'the gateway is ending');
    if (this.#streams.has(config.id)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `there is a stream "${config.id}" already; choose another id, or change that one`,
      );
    }
    const { pool, ...options } = this.#options;
    const runName = freeName(config.id, new Set(this.list().map((stream) => stream.runName)));
    const stream = new ManagedStream({
      ...options,
      ...more,
      config: nameTargets(config),
      runName,
      lease: pool.lease(),
    });
    this.#streams.set(stream.id, stream);
    this.emit('added', stream);
    stream.start();
    return stream;
  }

  /**
   * Gives a stream another name, and the rest of a configuration as {@link ManagedStream.configure} does. It goes on.
   *
   * @returns what has changed
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`
   */
  rename(id: string, config: StreamConfig): ChangedOptions {
    const stream = this.get(id);
    const streams = this.list();
    const changed = stream.configure(config);
    this.#streams.clear();
    for (const each of streams) this.#streams.set(each.id, each);
    this.emit('renamed', stream, id);
    return changed;
  }

  /**
   * Ends a stream; resolves once it has.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`
   */
  async remove(id: string): Promise<void> {
    const stream = this.get(id);
    this.#streams.delete(stream.id);
    this.emit('removed', stream);
    await stream.close();
  }

  /** Ends every stream at once. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.list().map((stream) => stream.close()));
  }
}

/** A stream that was renamed still runs under its former name, in a process that the new one may share. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}~${number}`;
  return free;
}
