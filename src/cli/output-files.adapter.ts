import { rmSync, type Stats } from 'node:fs';
import { access, chmod, constants, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DiptychError } from '../shared/domain/errors.js';
import { isSameFile, targetOf } from '../shared/files/same-file.adapter.js';

/** A file of a command. */
export interface NamedFile {
  /** What the command line calls it, such as `IN` or `--events`; in messages. */
  readonly name: string;
  /** As it was typed. */
  readonly path: string;
}

/** The files of a command, inputs first. */
export interface CommandFiles {
  /** Files that the command reads; one that does not exist is ignored here. */
  readonly inputs: readonly NamedFile[];
  /** Files that the command writes from their beginning. */
  readonly outputs: readonly NamedFile[];
  /** Whether outputs that exist are replaced. @defaultValue false: they are refused */
  readonly force?: boolean;
  /** Interrupts the work. @defaultValue nothing does */
  readonly signal?: AbortSignal;
}

/** An output, and where it is written until it is whole. */
interface Part {
  readonly typed: string;
  readonly part: string;
  /** Where it is put when it is whole; absent where `part` is the output itself. */
  readonly destination?: { readonly path: string; readonly mode: number | undefined };
}

/** Open files of a process, such as its standard output: they are written to as they are, not replaced. */
const OPEN_FILE = /^\/dev\/(?:std(?:in|out|err)|fd\/\d+)$|^\/proc\/[^/]+\/fd\/\d+$/;
/** A run writes all the time: without a change for so long, ms, its file is not written any more. */
const ABANDONED_MS = 10 * 60_000;
const PERMISSION_BITS = 0o777;
/** In a folder with this bit only the owner of a file, or of the folder, may replace the file. */
const STICKY_BIT = 0o1000;
/** Of a file's name on Linux's file systems, bytes. */
const MAX_NAME_BYTES = 255;

/**
 * Runs the work of a command that writes files. No input can be overwritten: an output that is the
 * same file as an input or as another output is refused, by whatever path. Each output is written
 * beside its place under a temporary name, and takes its name once all of the work is done; if the
 * work fails or is interrupted, what was there before is still there, unchanged.
 *
 * @param work - writes each output to `partOf(path)`, with the path as it was typed
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where an output is refused or cannot be written,
 * `DIPTYCH_E_INTERRUPTED` where the work ended because `signal` aborted
 */
export async function writeOutputs<T>(
  files: CommandFiles,
  work: (partOf: (path: string) => string) => Promise<T>,
): Promise<T> {
  await refuseOverwriting(files);
  const parts = await Promise.all(files.outputs.map((output, index) => partFor(output, index, files.force === true)));
  await Promise.all(parts.flatMap(({ destination }) => (destination ? [removeAbandoned(destination.path)] : [])));
  const temporary = parts.filter(({ destination }) => destination !== undefined).map(({ part }) => part);
  const removeNow = (): void => temporary.forEach((path) => rmSync(path, { force: true }));
  // A second signal ends the process at once.
  process.once('exit', removeNow);
  try {
    const result = await work((path) => parts.find(({ typed }) => typed === path)?.part ?? path);
    for (const { part, destination } of parts) if (destination) await putInPlace(part, destination);
    return result;
  } catch (error) {
    throw files.signal?.aborted === true ? interrupted(files.outputs, error) : inWordsOfUser(error, parts);
  } finally {
    process.off('exit', removeNow);
    await Promise.all(temporary.map((path) => rm(path, { force: true })));
  }
}

async function refuseOverwriting({ inputs, outputs }: CommandFiles): Promise<void> {
  for (const [index, output] of outputs.entries()) {
    const { isFile = true } = await describe(output.path);
    // A terminal or a pipe may be read and written, and written twice.
    if (!isFile) continue;
    for (const other of [...inputs, ...outputs.slice(0, index)]) {
      if (!inputs.includes(other) && OPEN_FILE.test(output.path) && OPEN_FILE.test(other.path)) continue;
      if (!(await isSameFile(output.path, other.path))) continue;
      throw new DiptychError(
        'DIPTYCH_E_USAGE',
        `${output.name} (${output.path}) is the same file as ${other.name} (${other.path}); write to another one`,
      );
    }
  }
}

async function partFor({ name, path }: NamedFile, index: number, force: boolean): Promise<Part> {
  const refuse = (reason: string): DiptychError =>
    new DiptychError('DIPTYCH_E_USAGE', `${name}: cannot write ${path}: ${reason}`);
  if (path === '') throw new DiptychError('DIPTYCH_E_USAGE', `${name} is empty; give the path of a file`);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new DiptychError('DIPTYCH_E_USAGE', `${name}: ${path} is a folder; give the path of a file`);
  }
  if (OPEN_FILE.test(path) || (found && !found.isFile())) return { typed: path, part: path };
  if (found && !force) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `${name}: ${path} exists already; add --force to replace it, or write to another file`,
    );
  }
  const target = await targetOf(path).catch(() => undefined);
  const folder = dirname(target ?? resolve(path));
  const around = await stat(folder).catch(() => undefined);
  if (target === undefined || !around?.isDirectory()) throw refuse(`there is no folder ${folder}`);
  if (found && !(await isWritable(target))) throw refuse('no permission to change it');
  const canReplace = (await isWritable(folder)) && !isHeldBySticky(around, found);
  // A file that may be changed but not replaced is written as it is.
  if (!canReplace && found) return { typed: path, part: path };
  if (!canReplace) throw refuse(`no permission to write in ${folder}`);
  return {
    typed: path,
    part: partPath(target, index),
    destination: { path: target, mode: found && found.mode & PERMISSION_BITS },
  };
}

/** Beside the target, and named after it where the name does not become too long. */
function partPath(target: string, index: number): string {
  const named = `${basename(target)}.${process.pid}.part`;
  const isShort = Buffer.byteLength(named) <= MAX_NAME_BYTES;
  return join(dirname(target), isShort ? named : `diptych-${index}.${process.pid}.part`);
}

/**
 * Removes what runs that were killed by force have left beside the target: files that are named as
 * {@link partPath} names them, of processes that are no more, and that nobody has written to lately.
 */
async function removeAbandoned(target: string): Promise<void> {
  const begin = `${basename(target)}.`;
  const names = await readdir(dirname(target)).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(begin))) {
    const pid = /^(\d{1,10})\.part$/.exec(name.slice(begin.length))?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(dirname(target), name);
    const found = await stat(path).catch(() => undefined);
    // A folder may be shared with a machine that has processes of its own.
    if (found?.isFile() && Date.now() - found.mtimeMs > ABANDONED_MS)
      await rm(path, { force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH';
  }
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

function isHeldBySticky(folder: Stats, file: Stats | undefined): boolean {
  const user = process.geteuid?.() ?? 0;
  return file !== undefined && (folder.mode & STICKY_BIT) !== 0 && ![file.uid, folder.uid].includes(user) && user !== 0;
}

async function describe(path: string): Promise<{ readonly isFile?: boolean }> {
  const found = await stat(path).catch(() => undefined);
  return found ? { isFile: found.isFile() } : {};
}

async function putInPlace(part: string, { path, mode }: NonNullable<Part['destination']>): Promise<void> {
  if (mode !== undefined) await chmod(part, mode);
  // On disk before it has its name, also where the power fails a moment later.
  const file = await open(part, 'r');
  await file.sync().finally(() => file.close());
  await rename(part, path);
}

function interrupted(outputs: readonly NamedFile[], cause: unknown): DiptychError {
  const written = outputs.map(({ path }) => path).join(' and ');
  const were = outputs.length === 1 ? 'was' : 'were';
  return new DiptychError('DIPTYCH_E_INTERRUPTED', `interrupted; ${written} ${were} not written`, { cause });
}

/** Messages name the path that was typed, not the temporary one. */
function inWordsOfUser(error: unknown, parts: readonly Part[]): unknown {
  if (!(error instanceof DiptychError)) return error;
  const message = parts.reduce((text, { part, typed }) => text.replaceAll(part, typed), error.message);
  return message === error.message ? error : new DiptychError(error.code, message, { cause: error });
}
