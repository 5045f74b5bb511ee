import { readdir } from 'node:fs/promises';
import { idSchema } from '../../shared/config/target-schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { RecordingLibrary, type RecordingLimits } from './recording-library.adapter.js';

/** Whose recordings a {@link RecordingKeeper} looks after. */
export interface RecordingKeeperOptions {
  /** Folder of all recordings. */
  readonly root: string;
  /** All streams. */
  readonly registry: StreamRegistry;
  /** Told what is deleted (info), and what cannot be (warn). */
  readonly logger: Logger;
  /** How often each stream is looked after, s. Higher reads the disk less often, lower keeps limits more exactly. @defaultValue 10 */
  readonly intervalS?: number;
}

/** The recordings under one name. */
export interface RecordedName {
  /** Of the stream that was recorded, and of the folder. */
  readonly stream: string;
  /** Whether there is no such stream any more. */
  readonly isRemoved: boolean;
  /** How many. */
  readonly segments: number;
  /** Of all of them. */
  readonly bytes: number;
  /** When the oldest began, ISO 8601. */
  readonly oldestAt: string;
  /** When the newest began, ISO 8601. */
  readonly newestAt: string;
}

interface Kept {
  readonly library: RecordingLibrary;
  /** One look at a time. */
  looking: Promise<void> | undefined;
  /** The last reason why it could not be done; told once. */
  toldReason?: string;
}

/**
 * Keeps the recordings of every stream within their limits, and makes those play that killed processes left behind:
 * also of streams that are not recorded now, or are there no more.
 */
export class RecordingKeeper {
  readonly #options: RecordingKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: RecordingKeeperOptions) {
    this.#options = options;
    const { registry, logger, intervalS = 10 } = options;
    for (const stream of registry.list()) this.#follow(stream);
    registry.on(
      'added',
      safeListener(logger, 'a new stream', (stream) => this.#follow(stream)),
    );
    registry.on(
      'removed',
      safeListener(logger, 'a stream that ends', ({ id }) => this.#kept.delete(id)),
    );
    this.#timer = setInterval(() => this.#lookAtAll(), intervalS * 1000);
    this.#timer.unref();
    void this.#lookAtRemoved();
  }

  /**
   * The recordings of a stream, also of one that was removed.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where there is neither the stream nor a recording of that name
   */
  async libraryOf(id: string): Promise<RecordingLibrary> {
    const { registry } = this.#options;
    if (registry.find(id)) return this.#keptOf(id).library;
    const isKnown = (await this.#names()).includes(id);
    const library = isKnown ? this.#keptOf(id).library : undefined;
    // Told as any stream that is not there.
    if (library === undefined || (await library.list()).length === 0) return this.#keptOf(registry.get(id).id).library;
    return library;
  }

  /** What was recorded, by the names of the streams; removed streams included. Throws as the folder cannot be read. */
  async names(): Promise<readonly RecordedName[]> {
    const all = await Promise.all(
      (await this.#names()).sort().map(async (stream): Promise<RecordedName | undefined> => {
        const segments = await this.#keptOf(stream).library.list();
        const [newest, oldest] = [segments[0], segments.at(-1)];
        if (!newest || !oldest) return undefined;
        return {
          ...{ stream, isRemoved: !this.#options.registry.find(stream), segments: segments.length },
          bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
          ...{ oldestAt: oldest.startedAt, newestAt: newest.startedAt },
        };
      }),
    );
    return all.flatMap((name) => name ?? []);
  }

  /** From now on nothing is looked after. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#kept.clear();
  }

  #keptOf(id: string): Kept {
    const kept = this.#kept.get(id) ?? { library: new RecordingLibrary(this.#options.root, id), looking: undefined };
    this.#kept.set(id, kept);
    return kept;
  }

  /** Another segment: the one before has ended. */
  #follow(stream: ManagedStream): void {
    let file: string | undefined;
    const onStatus = ({ recording }: StreamStatus): void => {
      if (recording.file === file) return;
      file = recording.file;
      this.#look(stream);
    };
    stream.on('status', safeListener(this.#options.logger, 'a status of the stream', onStatus));
    this.#look(stream);
  }

  #lookAtAll(): void {
    for (const stream of this.#options.registry.list()) this.#look(stream);
    void this.#lookAtRemoved();
  }

  /** Folders that may be those of streams. None where there is no folder yet. */
  async #names(): Promise<string[]> {
    const entries = await readdir(this.#options.root, { withFileTypes: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new DiptychError(
        'DIPTYCH_E_RECORDING',
        `the folder of recordings cannot be read (${String((error as NodeJS.ErrnoException).code)}); check recordings.folder`,
        { cause: error },
      );
    });
    return entries.flatMap((entry) =>
      entry.isDirectory() && idSchema.safeParse(entry.name).success ? [entry.name] : [],
    );
  }

  /** Their limits are those that they had last. Of a folder without any nothing is deleted: it may be anybody's. */
  async #lookAtRemoved(): Promise<void> {
    const { registry } = this.#options;
    for (const id of await this.#names().catch(() => [])) {
      if (registry.find(id)) continue;
      const kept = this.#keptOf(id);
      const limits = await kept.library.keptLimits();
      if (!limits || registry.find(id)) continue;
      kept.looking ??= this.#tidy(id, limits, kept)
        .then(() => kept.library.leave())
        .catch(() => undefined)
        .finally(() => {
          kept.looking = undefined;
        });
    }
  }

  #look(stream: ManagedStream): void {
    const kept = this.#keptOf(stream.id);
    kept.looking ??= this.#tidy(stream.id, stream.config.record, kept).finally(() => {
      kept.looking = undefined;
    });
  }

  async #tidy(id: string, limits: RecordingLimits, kept: Kept): Promise<void> {
    const { logger } = this.#options;
    try {
      const deleted = await kept.library.tidy(limits);
      await kept.library.keepLimits(limits);
      delete kept.toldReason;
      if (deleted.length > 0) logger.info({ stream: id, deleted }, 'recordings were deleted to keep within limits');
    } catch (error) {
      const reason = error instanceof DiptychError ? error.message : String(error);
      if (reason !== kept.toldReason) logger.warn({ stream: id, reason }, 'recordings could not be looked after');
      kept.toldReason = reason;
    }
  }
}
