import { DiptychError } from '../../../shared/domain/errors.js';

/** What the system says when a disk takes no more. */
const FULL = /ENOSPC|EDQUOT|No space left|Disk quota exceeded|not enough space/i;
const READ_ONLY = /EROFS|Read-only file system/i;
const NOT_ALLOWED = /EACCES|EPERM|Permission denied|Operation not permitted/i;
const GONE = /ENOENT|ENOTDIR|ESTALE|No such file|Not a directory|Stale file handle/i;
const HANGS = /ETIMEDOUT|EIO|Input\/output error/i;
const TOO_LARGE = /EFBIG|File too large/i;

/**
 * Why recording failed, in words that say what to do.
 *
 * @param folder - where the segments go
 * @param said - by the system, or by GStreamer
 */
export function recordingError(folder: string, said: string): DiptychError {
  const fail = (text: string): DiptychError =>
    new DiptychError('DIPTYCH_E_RECORDING', text, { cause: new Error(said) });
  if (FULL.test(said)) return diskFull(folder, said);
  if (READ_ONLY.test(said)) {
    return fail(
      `${folder} is on a file system that is read-only; mount it for writing, or choose another recordings.folder`,
    );
  }
  if (NOT_ALLOWED.test(said)) {
    return fail(
      `${folder} cannot be written by this user; change its owner or its permissions, or choose another recordings.folder`,
    );
  }
  if (GONE.test(said)) {
    return fail(`${folder} is gone, or one of its parents is; mount or create it, or choose another recordings.folder`);
  }
  if (TOO_LARGE.test(said))
    return fail(`the file system of ${folder} takes no files of this size; lower record.segmentMb`);
  if (HANGS.test(said)) return fail(`the disk of ${folder} does not answer, or fails; check it and its connection`);
  return fail(`writing to ${folder} failed (${said.trim() || 'without a reason'}); check the disk`);
}

/** The disk has no room, or hardly any, for recordings. */
export function diskFull(folder: string, said: string): DiptychError {
  return new DiptychError(
    'DIPTYCH_E_DISK_FULL',
    `the disk of ${folder} is full; free some space, or lower record.maxGb so that old segments go in time`,
    { cause: new Error(said) },
  );
}

/** Sound alone would be recorded. @param said - what happens to the pictures */
export function picturesMissing(folder: string, said: string): DiptychError {
  return new DiptychError(
    'DIPTYCH_E_RECORDING',
    `recording to ${folder} had no pictures (${said}) and begins anew; where that comes again, the disk or this machine is too slow`,
  );
}
