import { setTimeout as delay } from 'node:timers/promises';
import { writeJournal } from '../../../shared/recordings/journal-file.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { RecordOptions } from './record-options.js';
import { completeSegment, requireSpace, rescueSegment, sizeOf } from './segment-files.adapter.js';
import { segmentJournal, type SegmentSpan } from './segment-journal.js';

/** What a {@link SegmentSeries} is about. */
export type SegmentSeriesOptions = Pick<RecordOptions, 'stream' | 'nameOf' | 'log'> & {
  /** Where the segments are. */
  readonly folder: string;
};

/** A disk that does not answer for so long counts as failed, ms. */
const HANG_MS = 10_000;
/** How long the end waits for the disk, ms. */
const CLOSE_MS = 1000;

interface OpenSegment {
  readonly file: string;
  readonly startMs: number;
}

/** The segments of one attempt to record, each with the journal beside it. */
export class SegmentSeries {
  readonly #options: SegmentSeriesOptions;
  #open: OpenSegment | undefined;
  /** Of the segments that are complete. */
  #earlierBytes = 0;
  #openBytes = 0;
  /** One piece of work on files after the other. */
  #working: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: SegmentSeriesOptions) {
    this.#options = options;
  }

  /** Name of the segment that is written; absent before the first one. */
  get file(): string | undefined {
    return this.#open?.file;
  }

  /** Written so far, all segments together, as of the last look. */
  get bytes(): number {
    return this.#earlierBytes + this.#openBytes;
  }

  /** A segment begins, at this running time, ms. */
  began(file: string, startMs: number): void {
    const segment = { file, startMs };
    this.#open = segment;
    this.#openBytes = 0;
    this.#options.log.forget(startMs);
    this.#then(() => this.#writeJournal({ ...segment, endMs: startMs, isComplete: false }));
  }

  /** A segment is complete, and ends at this running time, ms. */
  completed(file: string, endMs: number): void {
    const segment = this.#open;
    if (segment?.file !== file) return;
    this.#open = undefined;
    const { folder } = this.#options;
    // What follows belongs to the next one, and is known later.
    const journal = this.#journal({ ...segment, endMs, isComplete: true });
    this.#then(async () => {
      this.#earlierBytes += await sizeOf(folder, file);
      this.#openBytes = 0;
      await completeSegment(folder, journal);
    });
  }

  /** Looks whether all is well. @throws The file system's error; `DIPTYCH_E_DISK_FULL` */
  async check(): Promise<void> {
    const segment = this.#open;
    if (segment !== undefined) {
      this.#then(async () => {
        if (this.#open !== segment) return;
        this.#openBytes = await sizeOf(this.#options.folder, segment.file);
        await this.#writeJournal({ ...segment, endMs: loadAddon().nowMs(), isComplete: false });
      });
    }
    await answered(this.#working);
    if (this.#failure) throw this.#failure.error;
    await answered(requireSpace(this.#options.folder));
  }

  /** Nothing is written any more: what was not completed is made to play. Never rejects. */
  async close(): Promise<void> {
    const segment = this.#open;
    this.#open = undefined;
    const { folder } = this.#options;
    if (segment !== undefined) {
      const journal = this.#journal({ ...segment, endMs: loadAddon().nowMs(), isComplete: true });
      this.#then(async () => {
        if (await rescueSegment(folder, segment.file)) await completeSegment(folder, journal);
      });
    }
    await Promise.race([this.#working, delay(CLOSE_MS, undefined, { ref: false })]);
  }

  #journal(segment: SegmentSpan): ReturnType<typeof segmentJournal> {
    const { stream, nameOf, log } = this.#options;
    return segmentJournal(stream, segment, log.between(segment.startMs, segment.endMs), nameOf);
  }

  async #writeJournal(segment: SegmentSpan): Promise<void> {
    await writeJournal(this.#options.folder, segment.file, this.#journal(segment));
  }

  #then(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }
}

/** Waits for work on the disk. @throws Error where it takes too long. */
async function answered(work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const late = delay(HANG_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`ETIMEDOUT: no answer for ${HANG_MS / 1000} s`);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}
