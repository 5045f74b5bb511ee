import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import { readPrivateFile, writePrivateFile } from './private-file.adapter.js';

const KEY_BYTES = 32;

const documentSchema = z.strictObject({
  version: z.literal(1),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Id and end, Unix time in ms, of sessions and links that were ended before their time. */
  ended: z.array(z.tuple([z.string(), z.number()])),
});

/** The key that signs sessions and links, and those that were ended early; kept, so that a restart signs nobody out. */
export class SessionFile {
  /** Signs sessions and links. */
  readonly key: Buffer;
  readonly #path: string | undefined;
  #ended: ReadonlyMap<string, number>;
  #isKept: boolean;
  /** One write at a time. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, kept: z.output<typeof documentSchema> | undefined) {
    this.#path = file;
    this.#isKept = kept !== undefined;
    this.key = kept ? Buffer.from(kept.key, 'hex') : randomBytes(KEY_BYTES);
    this.#ended = new Map(kept?.ended);
  }

  /** Reads it, or begins one, which is not written yet. @param folder - of the state; without one, nothing is kept */
  static async open(folder: string | undefined): Promise<SessionFile> {
    const file = folder === undefined ? undefined : path.join(folder, 'sessions.json');
    const text = file === undefined ? undefined : await readPrivateFile(file);
    return new SessionFile(file, text === undefined ? undefined : documentSchema.safeParse(parseJson(text)).data);
  }

  /** Writes it where it was not yet, so that what is signed from now on holds over a restart. */
  async keep(): Promise<void> {
    if (this.#isKept) return;
    this.#isKept = true;
    await this.#write();
  }

  /** What was ended early, and when it would have ended, Unix time in ms. */
  get ended(): ReadonlyMap<string, number> {
    return this.#ended;
  }

  /** Ends a session or a link. Rejects where that cannot be kept; it holds until the end of the process all the same. */
  async end(sessionId: string, expiresAtMs: number, nowMs: number): Promise<void> {
    const open = [...this.#ended].filter(([, endMs]) => endMs > nowMs);
    this.#ended = new Map([...open, [sessionId, expiresAtMs]]);
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#path === undefined) return;
    const document = { version: 1, key: this.key.toString('hex'), ended: [...this.#ended] };
    await writePrivateFile(this.#path, `${JSON.stringify(document)}\n`);
  }
}

/** A file that is damaged is begun anew: everybody signs in again. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
