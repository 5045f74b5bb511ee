import { DiptychError } from '../../shared/domain/errors.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { RecordingLibrary } from './recording-library.adapter.js';

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

interface Kept {
  readonly library: RecordingLibrary;
  /** One look at a time. */
  looking: Promise<void> | undefined;
  /** The last reason why it could not be done; told once. */
  toldReason?: string;
}

/**
 * Keeps the recordings of every stream within their limits, and makes those play that killed processes left behind:
 * also of streams that are not recorded now.
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
  }

  /** The recordings of a stream. */
  libraryOf(stream: Pick<ManagedStream, 'id'>): RecordingLibrary {
    return this.#keptOf(stream.id).library;
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
  }

  #look(stream: ManagedStream): void {
    const kept = this.#keptOf(stream.id);
    kept.looking ??= this.#tidy(stream, kept).finally(() => {
      kept.looking = undefined;
    });
  }

  async #tidy({ id, config }: ManagedStream, kept: Kept): Promise<void> {
    const { logger } = this.#options;
    try {
      const deleted = await kept.library.tidy(config.record);
      delete kept.toldReason;
      if (deleted.length > 0) logger.info({ stream: id, deleted }, 'recordings were deleted to keep within limits');
    } catch (error) {
      const reason = error instanceof DiptychError ? error.message : String(error);
      if (reason !== kept.toldReason) logger.warn({ stream: id, reason }, 'recordings could not be looked after');
      kept.toldReason = reason;
    }
  }
}
