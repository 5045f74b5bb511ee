import type { ChangedOptions } from '../../shared/config/changed-options.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { SourceConfig } from '../../shared/config/schema.js';
import { completeStream, type CompleteStream } from './complete-stream.js';
import { rejectDoubleTargets } from './double-targets.js';
import { originLines } from './origin-text.js';
import { StateLayer, type BaseConfiguration, type PlannedStream, type StreamOrigin } from './state-layer.js';
import type { ReloadResult, StreamStoreOptions } from './stream-store-options.js';
import { isSame, type WrittenStream } from './written-stream.js';

/** What the registry does not know of a stream. */
interface KnownStream extends StreamOrigin {
  readonly written: WrittenStream;
}

/** How often writing is tried again after a change was made that could not be kept, ms. */
const WRITE_AGAIN_MS = 10_000;

/**
 * The streams as they are wanted: the configuration, and over it what API and page changed. A change is kept first and
 * made then, so one that is acknowledged outlives the gateway. One change at a time.
 */
export class StreamStore {
  readonly #options: StreamStoreOptions;
  readonly #known = new WeakMap<ManagedStream, KnownStream>();
  #layer = StateLayer.of({ name: 'defaults', streams: [], writtenStreams: [] });
  #turn: Promise<unknown> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;

  constructor(options: StreamStoreOptions) {
    this.#options = options;
  }

  /**
   * Reads what the API changed before.
   *
   * @returns starts the streams of the configuration, with that over them
   * @throws {@link DiptychError} `DIPTYCH_E_STATE` where it may not be read
   */
  async load(base: BaseConfiguration): Promise<() => void> {
    const { file, logger, registry } = this.#options;
    const stamp = new Date().toISOString().replace(/\W/g, '');
    const { state, problems = [] } = (await file?.read(stamp)) ?? {};
    for (const problem of problems) logger.error(problem);
    const { plan, dropped, refused, layer } = StateLayer.of(base, state).plan((...known) => this.#kept(...known));
    this.#layer = layer;
    for (const reason of dropped) logger.warn(`${base.name}: ${reason}`);
    for (const reason of refused) logger.error(`${file?.path ?? 'state'}: ${reason}`);
    if (dropped.length > 0) await this.#keepWhatIsInForce();
    return () => {
      for (const planned of plan) this.#know(registry.add(planned.complete.config), planned);
      const origins = file ? originLines(plan, base.name, file.path) : [];
      for (const { text, ...about } of origins) logger.info(about, text);
    };
  }

  /** A stream as it was written. @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` */
  writtenOf(id: string): WrittenStream {
    return this.#knownOf(this.#options.registry.get(id)).written;
  }

  /**
   * A source as a stream would open it.
   *
   * @param streamId - the stream that it is for; absent: none that is there
   * @throws {@link DiptychError} with what is wrong with it
   */
  resolveSource(written: unknown, streamId?: string): SourceConfig {
    const { admission, registry } = this.#options;
    const { config } = this.#complete({ source: written });
    admission.admitSource(config, streamId === undefined ? undefined : registry.get(streamId).config.source);
    return config.source;
  }

  /**
   * Starts a stream.
   *
   * @param written - checked here
   * @throws {@link DiptychError} with what is wrong with it; `DIPTYCH_E_STATE` where it cannot be kept
   */
  add(written: unknown): Promise<ManagedStream> {
    return this.#inTurn(async () => {
      const { registry, admission } = this.#options;
      const complete = this.#checked(written, undefined);
      const { id } = complete.config;
      admission.admitOneMore(complete.config, registry.list().length);
      if (registry.find(id)) {
        const message = `there is a stream "${id}" already; choose another id, or change that one`;
        throw new DiptychError('DIPTYCH_E_CONFLICT', message);
      }
      await this.#keep(this.#layer.with(undefined, {}, complete.written));
      const stream = registry.add(complete.config);
      this.#know(stream, { complete });
      return stream;
    });
  }

  /**
   * Changes a stream.
   *
   * @param edit - makes the stream as it is to be of what it is
   * @returns what has changed
   * @throws as {@link StreamStore.add}; `DIPTYCH_E_NOT_FOUND`
   */
  change(id: string, edit: (current: WrittenStream) => unknown): Promise<ChangedOptions> {
    return this.#inTurn(async () => {
      const { registry } = this.#options;
      const stream = registry.get(id);
      const known = this.#knownOf(stream);
      const complete = this.#checked(edit(known.written), stream);
      if (!isSame(known.written, complete.written)) await this.#keep(this.#layer.with(id, known, complete.written));
      return this.#apply(stream, { ...known, complete });
    });
  }

  /**
   * Changes a stream even where the change cannot be kept: somebody wants to end what it does.
   *
   * @throws as {@link StreamStore.change}; `DIPTYCH_E_STATE` once it was changed
   */
  async changeAnyway(id: string, edit: (current: WrittenStream) => unknown): Promise<void> {
    await this.#inTurn(async () => {
      const stream = this.#options.registry.get(id);
      const known = this.#knownOf(stream);
      const complete = this.#complete(edit(known.written));
      const next = this.#layer.with(id, known, complete.written);
      this.#apply(stream, { ...known, complete });
      await this.#keepAnyway(next);
    });
  }

  /** Ends a stream; also where that cannot be kept. @throws `DIPTYCH_E_NOT_FOUND`; `DIPTYCH_E_STATE` once it has ended */
  async remove(id: string): Promise<void> {
    await this.#inTurn(async () => {
      const next = this.#layer.without(id, this.#knownOf(this.#options.registry.get(id)));
      await this.#options.registry.remove(id);
      await this.#keepAnyway(next);
    });
  }

  /** A stream of the cluster runs here from now on, or is wanted otherwise. @throws as {@link StreamStore.add} */
  async take(written: unknown, more?: Parameters<StreamRegistry['add']>[1]): Promise<void> {
    await this.#inTurn(() => {
      const { registry } = this.#options;
      const complete = this.#complete(written);
      const stream = registry.find(complete.config.id);
      this.#layer = this.#layer.with(stream?.id, {}, complete.written);
      if (stream) this.#apply(stream, { complete });
      else this.#know(registry.add(complete.config, more), { complete });
    });
  }

  /** A stream runs here no more, and is kept all the same. Resolves once it has ended. */
  drop(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const { registry } = this.#options;
      this.#layer = this.#layer.without(id, {});
      if (registry.find(id)) await registry.remove(id);
    });
  }

  /**
   * Another configuration: what it changes is followed, everything else goes on.
   *
   * @throws {@link DiptychError} where it does not go together with what the API changed; nothing has changed then
   */
  reload(base: BaseConfiguration): Promise<ReloadResult> {
    return this.#inTurn(async () => {
      const { logger } = this.#options;
      const { plan, dropped, refused, layer } = StateLayer.of(base, this.#layer.state).plan((...known) =>
        this.#kept(...known),
      );
      if (refused[0] !== undefined) throw new DiptychError('DIPTYCH_E_CONFLICT', refused.join('; '));
      for (const reason of dropped) logger.warn(`${base.name}: ${reason}`);
      this.#layer = layer;
      const result = await this.#follow(plan);
      if (dropped.length > 0) await this.#keepWhatIsInForce();
      return result;
    });
  }

  /** Waits for the change that is under way. Idempotent. */
  async close(): Promise<void> {
    clearTimeout(this.#again);
    await this.#turn.catch(() => undefined);
  }

  async #follow(plan: readonly PlannedStream[]): Promise<ReloadResult> {
    const { registry } = this.#options;
    const wanted = new Set(plan.map(({ complete }) => complete.config.id));
    const removed = registry.list().flatMap(({ id }) => (wanted.has(id) ? [] : [id]));
    await Promise.all(removed.map((id) => registry.remove(id)));
    const added: string[] = [];
    const changed: Record<string, ChangedOptions> = {};
    for (const planned of plan) {
      const { config } = planned.complete;
      const stream = registry.find(config.id);
      if (!stream) {
        this.#know(registry.add(config), planned);
        added.push(config.id);
        continue;
      }
      const options = this.#apply(stream, planned);
      if (options.live.length + options.restart.length > 0) changed[config.id] = options;
    }
    return { added, removed, changed };
  }

  #knownOf(stream: ManagedStream): KnownStream {
    return this.#known.get(stream) ?? { written: stream.config };
  }

  #know(stream: ManagedStream, { complete, base }: StreamOrigin & Pick<PlannedStream, 'complete'>): void {
    this.#known.set(stream, { written: complete.written, ...(base !== undefined && { base }) });
  }

  #complete(written: unknown): CompleteStream {
    return completeStream(written, this.#options.references);
  }

  /** A stream of the state: what the API changed in it names no other files than it may name now. */
  #kept(written: unknown, base: unknown): CompleteStream {
    const complete = this.#complete(written);
    const current = base === undefined ? undefined : this.#complete(base).config;
    this.#options.admission.requireFiles(complete.config, current);
    return complete;
  }

  /** A stream that may take the place of `current`, or be a new one. */
  #checked(written: unknown, current: ManagedStream | undefined): CompleteStream {
    const { registry, admission } = this.#options;
    const complete = this.#complete(written);
    const { config } = complete;
    admission.admit(config, current?.config);
    if (current && config.id !== current.id && registry.find(config.id)) {
      throw new DiptychError('DIPTYCH_E_CONFLICT', `id: there is a stream "${config.id}" already; choose another name`);
    }
    const others = registry.list().filter((stream) => stream !== current);
    rejectDoubleTargets(
      config,
      others.map((stream) => stream.config),
    );
    return complete;
  }

  #apply(stream: ManagedStream, planned: StreamOrigin & Pick<PlannedStream, 'complete'>): ChangedOptions {
    const { config } = planned.complete;
    this.#know(stream, planned);
    if (config.id !== stream.id) return this.#options.registry.rename(stream.id, config);
    return stream.configure(config);
  }

  async #keep(layer: StateLayer): Promise<void> {
    try {
      await this.#options.file?.write(layer.state);
    } catch (error) {
      if (!(error instanceof DiptychError)) throw error;
      throw new DiptychError('DIPTYCH_E_STATE', `nothing was changed: ${error.message}`, { cause: error });
    }
    clearTimeout(this.#again);
    this.#layer = layer;
  }

  async #keepAnyway(layer: StateLayer): Promise<void> {
    this.#layer = layer;
    try {
      await this.#options.file?.write(layer.state);
    } catch (error) {
      if (!(error instanceof DiptychError)) throw error;
      this.#writeLater();
      const message = `it has ended, and would be back after a restart: ${error.message}`;
      throw new DiptychError('DIPTYCH_E_STATE', message, { cause: error });
    }
  }

  /** Without what the configuration has overtaken; that it cannot be written does no harm. */
  async #keepWhatIsInForce(): Promise<void> {
    const { file, logger } = this.#options;
    await file?.write(this.#layer.state).catch((error: unknown) => {
      logger.warn({ err: error }, 'what is not in force any more stays in the file');
    });
  }

  #writeLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      const written = this.#inTurn(async () => this.#options.file?.write(this.#layer.state));
      written.catch(() => this.#writeLater());
    }, WRITE_AGAIN_MS);
    this.#again.unref();
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
