import { LAYOUTS } from '../../shared/domain/layout.js';
import { lstat, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { recordSchema } from '../../shared/config/record-schema.js';
import type { RecordConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { RecordingSegment } from '../../shared/domain/recording.js';
import { chaptersOf } from '../../shared/recordings/chapters.js';
import { closedPart } from '../../shared/recordings/closed-journal.js';
import { writeJournal } from '../../shared/recordings/journal-file.adapter.js';
import { playedLength, repairSegment, writeChapters } from '../../shared/recordings/segment-file.adapter.js';
import {
  isSegmentName,
  journalNameOf,
  segmentOfJournal,
  startOfSegment,
} from '../../shared/recordings/segment-name.js';
import { segmentsToDelete } from './retention.js';

/** A file that is handed out. */
export interface RecordingFile {
  /** Folder of the stream. */
  readonly folder: string;
  /** Name in that folder. */
  readonly name: string;
}

/** A journal is written every second; one that was not for so long has no writer any more, ms. */
const SILENT_MS = 6000;
/** Without a journal, the segment itself tells; pictures come from keyframe to keyframe, ms. */
const SILENT_SEGMENT_MS = 20_000;
const BYTES_PER_GB = 1_000_000_000;
const MS_PER_H = 3_600_000;

/** What is read of a `SegmentJournal`: the file may be anybody's. What else is in it is kept. */
const journalSchema = z.looseObject({
  durationS: z.number().min(0),
  isComplete: z.boolean(),
  events: z.array(z.looseObject({ atS: z.number().min(0) })),
  shown: z.array(
    z.looseObject({
      atS: z.number().min(0),
      layout: z.enum(LAYOUTS),
      people: z.array(z.looseObject({ slot: z.number(), trackId: z.number(), name: z.string().exactOptional() })),
    }),
  ),
});
type Journal = z.output<typeof journalSchema>;

/** What is kept of a stream's recordings: `record` of its configuration. */
export type RecordingLimits = Pick<RecordConfig, 'maxGb' | 'maxAgeH'>;

/** The limits lie beside the segments, so that they hold when there is no such stream any more. */
const LIMITS_FILE = 'limits.json';
const limitsSchema = z.object({ maxGb: recordSchema.shape.maxGb, maxAgeH: recordSchema.shape.maxAgeH });

interface Found extends RecordingSegment {
  /** Whether its writer says that it has ended. */
  readonly isComplete: boolean;
}

/** The recordings of one stream on the disk. Only what bears the name of a segment is looked at, or ever deleted. */
export class RecordingLibrary {
  readonly #folder: string;
  readonly #stream: string;
  /** Segments that were made to play, or need not be, with how long they play, s. */
  readonly #checked = new Map<string, number>();
  /** As they were written last. */
  #limits = '';

  constructor(root: string, stream: string) {
    this.#folder = join(root, stream);
    this.#stream = stream;
  }

  /** Newest first; empty where there is no folder. @throws {@link DiptychError} `DIPTYCH_E_RECORDING` */
  async list(): Promise<readonly RecordingSegment[]> {
    const found = await this.#find();
    return found.map(({ isComplete: _, ...segment }) => segment).reverse();
  }

  /**
   * A segment, or the journal beside one (its name with `.json`).
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`
   */
  async file(name: string): Promise<RecordingFile> {
    const isOurs = isSegmentName(name) || segmentOfJournal(name) !== undefined;
    if (!isOurs || !(await this.#isFile(name))) throw this.#notFound(name);
    return { folder: this.#folder, name };
  }

  /**
   * Deletes a segment and its journal.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`; `DIPTYCH_E_CONFLICT` while it is written
   */
  async remove(name: string): Promise<void> {
    const segment = isSegmentName(name) ? (await this.#find()).find((one) => one.name === name) : undefined;
    if (segment === undefined) throw this.#notFound(name);
    if (segment.state === 'writing') {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `${name} is being written; stop the recording first, or wait for the next segment`,
      );
    }
    await this.#delete(name);
  }

  /**
   * Makes what killed processes left behind play, and deletes what is kept for too long or is too much. One that
   * cannot be deleted stays, and is tried again the next time.
   *
   * @returns the names of what was deleted
   * @throws The file system's error, where the folder cannot be read
   */
  async tidy({ maxGb, maxAgeH }: RecordingLimits, nowMs = Date.now()): Promise<readonly string[]> {
    const found = await this.#find();
    for (const segment of found) await this.#repair(segment);
    const kept = (await this.#find()).map(({ name, bytes, state, startedAt, durationS }) => ({
      ...{ name, bytes, isWriting: state === 'writing' },
      endedMs: Date.parse(startedAt) + durationS * 1000,
    }));
    const names = segmentsToDelete(kept, { maxBytes: maxGb * BYTES_PER_GB, maxAgeMs: maxAgeH * MS_PER_H }, nowMs);
    for (const name of names) await this.#delete(name);
    return names;
  }

  /**
   * Notes the limits beside the segments, where there are any, for the time when there is no such stream any more.
   *
   * @throws The file system's error
   */
  async keepLimits({ maxGb, maxAgeH }: RecordingLimits): Promise<void> {
    const text = `${JSON.stringify({ maxGb, maxAgeH })}\n`;
    if (text === this.#limits || (await this.#find()).length === 0) return;
    await writeFile(join(this.#folder, LIMITS_FILE), text);
    this.#limits = text;
  }

  /** The limits that were noted last; `undefined` where none were, or they cannot be read. */
  async keptLimits(): Promise<RecordingLimits | undefined> {
    const text = await readFile(join(this.#folder, LIMITS_FILE), 'utf8').catch(() => '');
    try {
      return limitsSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  /** Takes the folder away once nothing is in it that is not ours; otherwise it stays. */
  async leave(): Promise<void> {
    if ((await this.#find()).length > 0) return;
    const others = (await readdir(this.#folder).catch(() => [])).filter((name) => name !== LIMITS_FILE);
    if (others.length > 0) return;
    await rm(join(this.#folder, LIMITS_FILE), { force: true });
    await rmdir(this.#folder).catch(() => undefined);
  }

  async #repair({ name, state, isComplete }: Found): Promise<void> {
    if (state === 'writing' || isComplete || this.#checked.has(name)) return;
    const path = join(this.#folder, name);
    await repairSegment(path);
    const { durationS, hasPicture } = await playedLength(path);
    if (!hasPicture) {
      await this.#delete(name);
      return;
    }
    const found = await this.#journal(name);
    if (found) {
      const { writtenMs: _, ...journal } = found;
      const closed = { ...journal, ...closedPart(journal, durationS) };
      await writeChapters(path, chaptersOf(closed));
      await writeJournal(this.#folder, name, closed);
    }
    this.#checked.set(name, durationS);
  }

  async #delete(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
    await rm(join(this.#folder, journalNameOf(name)), { force: true });
    this.#checked.delete(name);
  }

  /** Oldest first. */
  async #find(): Promise<readonly Found[]> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new DiptychError(
        'DIPTYCH_E_RECORDING',
        `the recordings of stream "${this.#stream}" in ${this.#folder} cannot be listed (${String((error as NodeJS.ErrnoException).code)}); check the folder`,
        { cause: error },
      );
    }
    const found = await Promise.all(
      names
        .filter(isSegmentName)
        .sort()
        .map((name) => this.#look(name)),
    );
    return found.flatMap((segment) => segment ?? []);
  }

  /** `undefined` for what is gone, or no file. */
  async #look(name: string): Promise<Found | undefined> {
    const path = join(this.#folder, name);
    const file = await lstat(path).catch(() => undefined);
    const startedAt = startOfSegment(name);
    if (file?.isFile() !== true || startedAt === undefined) return undefined;
    const journal = await this.#journal(name);
    const silentMs = Date.now() - (journal?.writtenMs ?? file.mtimeMs);
    const isComplete = journal?.isComplete === true;
    const isWriting = !isComplete && silentMs < (journal ? SILENT_MS : SILENT_SEGMENT_MS);
    const durationS =
      journal?.durationS ?? this.#checked.get(name) ?? Math.max(0, (file.mtimeMs - Date.parse(startedAt)) / 1000);
    return { ...{ name, startedAt, durationS, bytes: file.size, isComplete }, state: isWriting ? 'writing' : 'whole' };
  }

  async #journal(name: string): Promise<(Journal & { readonly writtenMs: number }) | undefined> {
    const path = join(this.#folder, journalNameOf(name));
    try {
      const { mtimeMs } = await lstat(path);
      const journal = journalSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
      return journal.success ? { ...journal.data, writtenMs: mtimeMs } : undefined;
    } catch {
      return undefined;
    }
  }

  async #isFile(name: string): Promise<boolean> {
    const file = await lstat(join(this.#folder, name)).catch(() => undefined);
    return file?.isFile() === true;
  }

  #notFound(name: string): DiptychError {
    const shown = name.length > 60 ? `${name.slice(0, 60)}...` : name;
    return new DiptychError(
      'DIPTYCH_E_NOT_FOUND',
      `stream "${this.#stream}" has no recording "${shown}"; list them first`,
    );
  }
}
