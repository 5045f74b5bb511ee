import { mkdir, rm, stat, statfs, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SegmentJournal } from '../../../shared/domain/recording.js';
import { chaptersOf } from '../../../shared/recordings/chapters.js';
import { closedPart } from '../../../shared/recordings/closed-journal.js';
import { writeJournal } from '../../../shared/recordings/journal-file.adapter.js';
import { playedLength, repairSegment, writeChapters } from '../../../shared/recordings/segment-file.adapter.js';
import { journalNameOf } from '../../../shared/recordings/segment-name.js';
import { diskFull } from './recording-error.js';

/** Recording ends while so much is free, bytes: the segment is completed, and others on the disk go on. */
const LEAST_FREE = 8_000_000;
/** Recording begins when so much is free, bytes. */
const FREE_TO_BEGIN = 2 * LEAST_FREE;

/**
 * Makes the folder of a stream, and sees that something can be written there.
 *
 * @param root - made only where it is the folder that is used without a configuration: another one that is missing is
 * a disk that is not mounted, and must not be made on the disk below it
 * @throws The file system's error; {@link DiptychError} `DIPTYCH_E_DISK_FULL`
 */
export async function prepareFolder(
  root: { readonly path: string; readonly mayMake: boolean },
  stream: string,
): Promise<string> {
  if (root.mayMake) await mkdir(root.path, { recursive: true, mode: 0o750 });
  const folder = join(root.path, stream);
  await mkdir(folder, { mode: 0o750 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await requireSpace(folder, FREE_TO_BEGIN);
  const probe = join(folder, `.probe-${process.pid}`);
  await writeFile(probe, '');
  await unlink(probe);
  return folder;
}

/**
 * Sees that there is room.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_DISK_FULL` while less than `bytes` are free
 */
export async function requireSpace(folder: string, bytes = LEAST_FREE): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes) throw diskFull(folder, `${free} bytes are free, and ${bytes} are needed`);
}

/** Size of a segment that is written, bytes. @throws The file system's error, such as for one that is gone. */
export async function sizeOf(folder: string, segment: string): Promise<number> {
  return (await stat(join(folder, segment))).size;
}

/**
 * Says that a segment is complete: chapters within it, the journal beside it, both as long as the file plays.
 *
 * @throws The file system's error
 */
export async function completeSegment(folder: string, journal: SegmentJournal): Promise<void> {
  const path = join(folder, journal.file);
  const { durationS } = await playedLength(path);
  const closed = { ...journal, ...closedPart(journal, durationS) };
  await writeChapters(path, chaptersOf(closed));
  await writeJournal(folder, journal.file, closed);
}

/**
 * Makes what a failed attempt left behind play. A file that shows nothing is removed, with its journal.
 *
 * @returns whether there is anything left
 */
export async function rescueSegment(folder: string, segment: string): Promise<boolean> {
  const path = join(folder, segment);
  await repairSegment(path);
  if ((await playedLength(path)).hasPicture) return true;
  await rm(path, { force: true });
  await rm(join(folder, journalNameOf(segment)), { force: true });
  return false;
}
