import type { Logger } from '../../shared/telemetry/logger.js';
import { safeListener } from '../guard/safe-listener.js';
import type { ManagedStream } from './managed-stream.adapter.js';
import { recycleReason } from './recycle-policy.js';

/** What a {@link ProcessRecycler} watches. */
export interface ProcessRecyclerOptions {
  /** What a stream process may take for each stream in it, bytes; 0: as much as it likes. */
  readonly limitBytes: number;
  /** Every stream there is. */
  readonly streams: () => readonly ManagedStream[];
  /** Browsers that receive a stream. */
  readonly viewersOf: (stream: ManagedStream) => number;
  /** Resident memory of a process, bytes; `undefined` once it is gone. */
  readonly readMemory: (pid: number) => Promise<number | undefined>;
  /** Told of every process that is replaced. */
  readonly logger: Logger;
  /** Any clock that does not go back, ms. @defaultValue `performance.now` */
  readonly nowMs?: () => number;
  /** How often it looks, s. @defaultValue 5 */
  readonly intervalS?: number;
}

/** By the clock of the recycler, ms. */
interface KnownProcess {
  /** When it was seen first. */
  readonly seenMs: number;
  /** Since when it takes too much; absent where it does not. */
  readonly overMs?: number;
}

const BYTES_PER_MB = 1_000_000;

/**
 * Replaces stream processes that take more memory than they may, at a moment when nobody notices where there is one
 * (see {@link recycleReason}). The streams of the process go on in another one, which takes over from it where the
 * source can be opened twice; viewers keep their session.
 */
export class ProcessRecycler {
  readonly #options: ProcessRecyclerOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #nowMs: () => number;
  /** By process id. */
  #known = new Map<number, KnownProcess>();
  #recycles = 0;

  constructor(options: ProcessRecyclerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    const { limitBytes, intervalS = 5, logger } = options;
    if (limitBytes === 0) return;
    const check = safeListener(logger, 'the watch over the memory of stream processes', () => void this.check());
    this.#timer = setInterval(check, intervalS * 1000);
    this.#timer.unref();
  }

  /** Processes that were replaced. */
  get recycles(): number {
    return this.#recycles;
  }

  /** Looks at every process once. Never rejects. */
  async check(): Promise<void> {
    const byProcess = new Map<number, ManagedStream[]>();
    for (const stream of this.#options.streams()) {
      if (stream.pid !== undefined) byProcess.set(stream.pid, [...(byProcess.get(stream.pid) ?? []), stream]);
    }
    const known = new Map<number, KnownProcess>();
    for (const [pid, streams] of byProcess) {
      const nowMs = this.#nowMs();
      const { seenMs = nowMs, overMs = nowMs } = this.#known.get(pid) ?? {};
      const memoryBytes = (await this.#options.readMemory(pid).catch(() => undefined)) ?? 0;
      const limitBytes = this.#options.limitBytes * streams.length;
      known.set(pid, memoryBytes > limitBytes ? { seenMs, overMs } : { seenMs });
      const reason = recycleReason({
        ...{ memoryBytes, limitBytes, ageS: (nowMs - seenMs) / 1000, overForS: (nowMs - overMs) / 1000 },
        streams: streams.map((stream) => ({ ...stream.status, viewers: this.#options.viewersOf(stream) })),
      });
      if (reason !== undefined) this.#recycle(pid, streams, { memoryBytes, limitBytes, reason });
    }
    this.#known = known;
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #recycle(
    pid: number,
    streams: readonly ManagedStream[],
    details: { readonly memoryBytes: number; readonly limitBytes: number; readonly reason: string },
  ): void {
    this.#recycles += 1;
    const ids = streams.map(({ id }) => id);
    const [has, may] = [details.memoryBytes, details.limitBytes].map((bytes) => Math.round(bytes / BYTES_PER_MB));
    this.#options.logger.warn(
      { pid, streams: ids, ...details },
      `a stream process takes ${has} MB and may take ${may} MB (limits.processMemoryMb); it is replaced`,
    );
    for (const stream of streams) {
      stream.emit('event', { ptsMs: 0, name: 'process_recycled', details });
      stream.changeProcess({ isUrgent: details.reason === 'urgent' });
    }
  }
}
