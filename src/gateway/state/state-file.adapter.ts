import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import { EMPTY_STATE, formatState, parseState, type StateDocument } from './state-document.js';
import { withoutNumbers } from './without-numbers.js';

/** The calls by which a {@link StateFile} writes; for tests. */
export interface StateFileSystem {
  /** Makes a folder and those around it; only this user may look into it. */
  makeFolder(folder: string): Promise<void>;
  /** Writes a file that only this user may read, and waits until the disk has it. */
  writeThrough(file: string, text: string): Promise<void>;
  /** Gives a file one more name; does nothing where there is no such file. */
  link(file: string, name: string): Promise<void>;
  /** Takes the place of what had that name, in one step. */
  rename(file: string, name: string): Promise<void>;
  /** Waits until the disk has the names in a folder. */
  syncFolder(folder: string): Promise<void>;
}

/** What was found at the start. */
export interface ReadState {
  /** The newest that could be read. */
  readonly state: StateDocument;
  /** What was wrong with newer ones, for the log. */
  readonly problems: readonly string[];
}

const NAME = 'streams.yaml';
const PREVIOUS = 'streams.previous.yaml';
/** What is written before it has its name; one that is found was never acknowledged. */
const UNFINISHED = '.unfinished';

/**
 * `streams.yaml` with the generation before it. A write is there whole or not at all, whenever the process or the
 * machine ends: the text goes to a file of another name, and takes the name once the disk has it. One write at a time.
 */
export class StateFile {
  readonly #folder: string;
  readonly #files: StateFileSystem;

  constructor(folder: string, files: StateFileSystem = realFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /** Absolute path, for messages. */
  get path(): string {
    return path.join(this.#folder, NAME);
  }

  /**
   * Reads it. One that cannot be understood is put aside under a name with the time, and the generation before it is
   * taken.
   *
   * @param stamp - the time, as it may stand in a name of a file
   * @throws {@link DiptychError} `DIPTYCH_E_STATE` where there is one that may not be read
   */
  async read(stamp: string): Promise<ReadState> {
    const problems: string[] = [];
    for (const name of [NAME, PREVIOUS]) {
      const file = path.join(this.#folder, name);
      const text = await readIfThere(file);
      // A file that somebody removed is to be gone; the one before it counts only where this one is damaged.
      if (text === undefined) return { state: EMPTY_STATE, problems };
      try {
        return { state: withoutNumbers(parseState(text)), problems };
      } catch (error) {
        const aside = path.join(this.#folder, `streams.damaged-${stamp}${name === NAME ? '' : '-previous'}.yaml`);
        const reason = error instanceof Error ? error.message : String(error);
        const isAside = await this.#files.rename(file, aside).then(
          () => true,
          () => false,
        );
        const next = name === NAME ? `; ${PREVIOUS} is taken instead` : '; nothing of it is taken';
        problems.push(`${file} cannot be used (${reason})${isAside ? ` and is now ${aside}` : ''}${next}`);
      }
    }
    return { state: EMPTY_STATE, problems };
  }

  /**
   * Replaces it; once this resolves, the change outlives process and machine.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_STATE`; the former one is still there then
   */
  async write(state: StateDocument): Promise<void> {
    const { path: file } = this;
    const previous = path.join(this.#folder, PREVIOUS);
    try {
      await this.#files.makeFolder(this.#folder);
      await this.#files.writeThrough(file + UNFINISHED, formatState(state));
      await this.#files.link(file, previous + UNFINISHED);
      await this.#files.rename(previous + UNFINISHED, previous);
      await this.#files.rename(file + UNFINISHED, file);
      await this.#files.syncFolder(this.#folder);
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      throw new DiptychError('DIPTYCH_E_STATE', `${file} cannot be written (${code}); ${adviceFor(code)}`, {
        cause: error,
      });
    }
  }
}

function adviceFor(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'make room on the disk';
  return 'give this user the right to write there, or name another folder in state.folder';
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const message = `${file} cannot be read (${code}); give this user the right to read it, or name another folder in state.folder`;
    throw new DiptychError('DIPTYCH_E_STATE', message, { cause: error });
  }
}

/** Ignores that there is no such file. */
async function unlessMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const realFiles: StateFileSystem = {
  makeFolder: async (folder) => {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(path.dirname(made));
  },
  writeThrough: async (file, text) => {
    await rm(file, { force: true });
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  link: async (file, name) => {
    await rm(name, { force: true });
    await unlessMissing(link(file, name));
  },
  rename: (file, name) => unlessMissing(rename(file, name)),
  syncFolder,
};
