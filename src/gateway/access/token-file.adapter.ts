import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { DiptychError } from '../../shared/domain/errors.js';
import { ROLES } from '../../shared/domain/role.js';
import { readPrivateFile, writePrivateFile } from './private-file.adapter.js';
import { hashToken, makeToken } from './token-hash.js';

const keptTokenSchema = z.strictObject({
  name: z.string(),
  role: z.enum(ROLES),
  streams: z.array(z.string()).optional(),
  hash: z.string(),
  /** When it was made, ISO 8601. */
  since: z.string(),
});

const documentSchema = z.strictObject({ version: z.literal(1), tokens: z.array(keptTokenSchema) });

/** A token that `diptych token add`, or the gateway at its first start, has made. */
export type KeptToken = z.output<typeof keptTokenSchema>;

/** What somebody who makes a token says of it. */
export type TokenWish = Pick<KeptToken, 'name' | 'role' | 'streams'>;

/** Name of the token that the gateway makes for itself. */
export const FIRST_TOKEN = 'first';
const FILE = 'tokens.json';
/** Holds the first token as it is, for whoever runs the gateway. */
const FIRST_FILE = 'first-token';

/** Tokens in the folder of the state: their hashes in `tokens.json`, and the first one as it is in `first-token`. */
export class TokenFile {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Path of the file with the hashes. */
  get path(): string {
    return path.join(this.#folder, FILE);
  }

  /** Path of the file with the first token. */
  get firstPath(): string {
    return path.join(this.#folder, FIRST_FILE);
  }

  /** Every token. @throws {@link DiptychError} `DIPTYCH_E_STATE` where the file cannot be read, or is no such file */
  async read(): Promise<readonly KeptToken[]> {
    const text = await readPrivateFile(this.path);
    if (text === undefined) return [];
    try {
      return documentSchema.parse(JSON.parse(text)).tokens;
    } catch (error) {
      const message = `${this.path} is no file of tokens; remove it, and make new ones with diptych token add`;
      throw new DiptychError('DIPTYCH_E_STATE', message, { cause: error });
    }
  }

  /**
   * Makes a token.
   *
   * @param now - ISO 8601
   * @returns the token itself, which is kept nowhere
   * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where there is one of that name, `DIPTYCH_E_STATE`
   */
  async add({ name, role, streams }: TokenWish, now: string): Promise<string> {
    const tokens = await this.read();
    if (tokens.some((token) => token.name === name)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `there is a token "${name}"; choose another name, or remove it first`,
      );
    }
    const token = makeToken();
    await this.#write([...tokens, { name, role, ...(streams && { streams }), hash: hashToken(token), since: now }]);
    return token;
  }

  /** Removes a token. @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`, `DIPTYCH_E_STATE` */
  async remove(name: string): Promise<void> {
    const tokens = await this.read();
    const kept = tokens.filter((token) => token.name !== name);
    if (kept.length === tokens.length) {
      const there = tokens.map((token) => `"${token.name}"`).join(', ') || 'none';
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `there is no token "${name}"; there is: ${there}`);
    }
    await this.#write(kept);
    if (name === FIRST_TOKEN) await rm(this.firstPath, { force: true });
  }

  /** The token of the first start, as it is; absent where it was removed, or was never made. */
  async readFirst(): Promise<string | undefined> {
    const text = (await readPrivateFile(this.firstPath))?.trim();
    const tokens = await this.read();
    return text !== undefined && tokens.some(({ hash }) => hash === hashToken(text)) ? text : undefined;
  }

  /** Makes the token of the first start, with role `admin`, and keeps it for whoever runs the gateway. */
  async makeFirst(now: string): Promise<string> {
    const token = await this.add({ name: FIRST_TOKEN, role: 'admin' }, now);
    await writePrivateFile(this.firstPath, `${token}\n`);
    return token;
  }

  #write(tokens: readonly KeptToken[]): Promise<void> {
    return writePrivateFile(this.path, `${JSON.stringify({ version: 1, tokens }, undefined, 2)}\n`);
  }
}
