import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { DiptychError } from '../shared/domain/errors.js';

/** A text file that is written a piece at a time, no faster than the disk takes it. */
export class LineFile {
  readonly #path: string;
  readonly #stream;
  readonly #ended: Promise<void>;

  /**
   * Opens a file for writing; one that cannot be written rejects `written`.
   * @param path - what is there already is overwritten
   */
  constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(path);
    this.#ended = finished(this.#stream);
    this.#ended.catch(() => undefined);
  }

  /** Resolves when the file is complete; rejects with `DIPTYCH_E_USAGE` as soon as it cannot be written. */
  get written(): Promise<void> {
    return this.#ended.catch((error: unknown) => this.#fail(error));
  }

  /** Writes text without waiting for the disk; where that fails, `written` rejects. */
  push(text: string): void {
    this.#stream.write(text);
  }

  /**
   * Writes text; resolves when more may be written.
   * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where the file cannot be written.
   */
  async write(text: string): Promise<void> {
    if (text === '' || this.#stream.write(text)) return;
    await Promise.race([once(this.#stream, 'drain'), this.#ended]).catch((error: unknown) => this.#fail(error));
  }

  /**
   * Resolves when everything is on disk.
   * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where the file cannot be written.
   */
  async finish(): Promise<void> {
    this.#stream.end();
    await this.written;
  }

  /** Gives the file up where `finish` was not called; what was written may not be complete. Idempotent. */
  close(): void {
    this.#stream.destroy();
  }

  #fail(error: unknown): never {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiptychError('DIPTYCH_E_USAGE', `cannot write ${this.#path}: ${reason}`, { cause: error });
  }
}
