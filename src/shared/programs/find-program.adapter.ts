import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DiptychError } from '../domain/errors.js';
import { describeMissing, EXTRA_FOLDERS, PROGRAMS, type ProgramName } from './programs.js';

/** The environment variables of a process. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Path of a program's executable: the one its environment variable names, else the first in the
 * folders of PATH and in `sbin`; `undefined` where it is not installed.
 *
 * @param environment - where PATH is read from; by default that of this process
 */
export function findProgram(name: ProgramName, environment: Environment = process.env): string | undefined {
  const { executables, ...program } = PROGRAMS[name];
  const named = 'variable' in program ? environment[program.variable] : undefined;
  if (named !== undefined && named !== '') return isExecutable(named) ? named : undefined;
  const folders = [...(environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...EXTRA_FOLDERS];
  return executables
    .flatMap((executable) => folders.map((folder) => join(folder, executable)))
    .find((path) => isExecutable(path));
}

/**
 * Path of a program's executable. Called before a program is started, so that a missing one is told
 * with the package that brings it instead of as `spawn … ENOENT`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where it is not installed
 */
export function requireProgram(name: ProgramName): string {
  const path = findProgram(name);
  if (path === undefined) throw new DiptychError('DIPTYCH_E_PROGRAM_MISSING', describeMissing([name]));
  return path;
}

/**
 * Checks all programs that a command will start, before it begins its work.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` with all that are not installed
 */
export function requirePrograms(names: readonly ProgramName[]): void {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) throw new DiptychError('DIPTYCH_E_PROGRAM_MISSING', describeMissing(missing));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
