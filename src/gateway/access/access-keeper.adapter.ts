import { hkdfSync } from 'node:crypto';
import { unwatchFile, watchFile, type Stats } from 'node:fs';
import type { AccessConfig } from '../../shared/config/access-schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { Access, type KnownToken } from './access.js';
import { isAccessNeeded } from './access-needed.js';
import type { Caller } from './caller.js';
import { HeldAccess } from './held-access.js';
import { SessionFile } from './session-file.adapter.js';
import { FIRST_TOKEN, TokenFile, type KeptToken } from './token-file.adapter.js';
import { hashToken, makeToken } from './token-hash.js';

/** The options of `access` that say who may use the gateway. */
export type TokenOptions = Pick<AccessConfig, 'required' | 'token' | 'tokens' | 'rememberH'>;

/** What an {@link AccessKeeper} begins with. */
export interface AccessKeeperOptions {
  /** As configured; tokens can be others later. */
  readonly config: TokenOptions;
  /** Where the gateway listens. */
  readonly host: string;
  /** Whether a proxy stands before it. */
  readonly isBehindProxy: boolean;
  /** Where tokens that were made are kept; without it, they end with the gateway. */
  readonly folder: string | undefined;
  /** Of the cluster: what one of its hosts has signed holds on all of them. @defaultValue each gateway has its own key */
  readonly sharedSecret?: string | undefined;
  /** Told of changes, and of what cannot be read. */
  readonly logger: Logger;
}

/** The token that the gateway made for itself, since there was none. */
export interface FirstToken {
  /** The token. */
  readonly token: string;
  /** Whether it was made just now. */
  readonly isNew: boolean;
  /** The file that holds it; absent where it is kept nowhere. */
  readonly file?: string;
}

/** How often the file of tokens, and what has expired, is looked at, ms. */
const LOOK_MS = 1000;
const HOUR_MS = 3_600_000;
const KEY_BYTES = 32;

/** Signs passes of a cluster; nothing can be decrypted with it. */
const passKeyOf = (secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', 'diptych cluster passes', KEY_BYTES));

/** Who may use this gateway, as configuration, files and time say; ends what goes on for those who may not any more. */
export class AccessKeeper {
  /** Decides. */
  readonly access: Access;
  /** What goes on for callers. */
  readonly held = new HeldAccess();
  readonly #options: AccessKeeperOptions;
  readonly #sessions: SessionFile;
  readonly #file: TokenFile | undefined;
  readonly #timer: NodeJS.Timeout;
  #config: TokenOptions;
  #kept: readonly KeptToken[] = [];
  #first: FirstToken | undefined;

  private constructor(options: AccessKeeperOptions, sessions: SessionFile) {
    this.#options = options;
    this.#config = options.config;
    this.#sessions = sessions;
    this.#file = options.folder === undefined ? undefined : new TokenFile(options.folder);
    const { sharedSecret } = options;
    const key = sharedSecret === undefined ? sessions.key : passKeyOf(sharedSecret);
    this.access = new Access({ key, sessionMs: options.config.rememberH * HOUR_MS });
    this.access.setEndedSessions(sessions.ended);
    this.#timer = setInterval(() => this.#endWhatIsOver(), LOOK_MS);
    this.#timer.unref();
  }

  /**
   * Reads what is kept, and makes a token where one is needed and there is none.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_STATE` where files cannot be read or written
   */
  static async open(options: AccessKeeperOptions): Promise<AccessKeeper> {
    const sessions = await SessionFile.open(options.folder);
    const keeper = new AccessKeeper(options, sessions);
    try {
      keeper.#kept = (await keeper.#file?.read()) ?? [];
      keeper.#apply();
      if (keeper.access.isNeeded && keeper.access.tokenCount === 0) await keeper.#makeFirst();
      else keeper.#first = await keeper.#readFirst();
      // A gateway that asks nobody writes nothing.
      if (keeper.access.isNeeded) await sessions.keep();
    } catch (error) {
      keeper.close();
      throw error;
    }
    if (keeper.#file) watchFile(keeper.#file.path, { interval: LOOK_MS, persistent: false }, keeper.#reread);
    return keeper;
  }

  /** The token that the gateway made for itself; absent where it made none, or where it was removed. */
  get firstToken(): FirstToken | undefined {
    return this.access.isNeeded ? this.#first : undefined;
  }

  /** Follows a configuration that was read again. */
  setConfig(config: TokenOptions): void {
    this.#config = config;
    this.#apply();
  }

  /** A browser signs out, or a link is withdrawn. */
  async end({ sessionId, expiresAtMs }: Caller): Promise<void> {
    if (sessionId === undefined || expiresAtMs === undefined) return;
    const kept = this.#sessions.end(sessionId, expiresAtMs, Date.now());
    this.access.setEndedSessions(this.#sessions.ended);
    this.#endWhatIsOver();
    await kept;
  }

  /** Looks at nothing any more. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#file) unwatchFile(this.#file.path, this.#reread);
  }

  readonly #reread = (now: Stats, before: Stats): void => {
    // A file that is missing from the beginning is told as well.
    if (now.mtimeMs === before.mtimeMs && now.ino === before.ino) return;
    this.#file?.read().then(
      (kept) => {
        this.#kept = kept;
        this.#apply();
        if (this.access.isNeeded) this.#sessions.keep().catch(this.#warn);
        this.#options.logger.info({ tokens: kept.map(({ name }) => name) }, 'the tokens were read again');
      },
      (error: unknown) => this.#options.logger.error({ err: error }, 'the tokens could not be read again'),
    );
  };

  readonly #warn = (error: unknown): void => {
    this.#options.logger.warn({ err: error }, 'sessions are not kept: a restart signs everybody out');
  };

  #apply(): void {
    const { required, token, tokens } = this.#config;
    const configured: KnownToken[] = tokens.map(({ token: text = '', hash = hashToken(text), ...rest }) => ({
      ...rest,
      hash,
    }));
    if (token !== undefined) configured.push({ name: 'admin', role: 'admin', hash: hashToken(token) });
    const { host, isBehindProxy } = this.#options;
    const hasTokens = configured.length > 0 || this.#kept.some(({ name }) => name !== FIRST_TOKEN);
    const isNeeded = isAccessNeeded({ required, host, isBehindProxy, hasTokens });
    this.access.setTokens([...configured, ...this.#kept], isNeeded);
    this.#endWhatIsOver();
  }

  async #makeFirst(): Promise<void> {
    if (this.#file) {
      const token = await this.#file.makeFirst(new Date().toISOString());
      this.#first = { token, isNew: true, file: this.#file.firstPath };
      this.#kept = await this.#file.read();
    } else {
      const token = makeToken();
      this.#first = { token, isNew: true };
      this.#kept = [{ name: FIRST_TOKEN, role: 'admin', hash: hashToken(token), since: new Date().toISOString() }];
    }
    this.#apply();
  }

  async #readFirst(): Promise<FirstToken | undefined> {
    const token = await this.#file?.readFirst();
    return token === undefined || !this.#file ? undefined : { token, isNew: false, file: this.#file.firstPath };
  }

  #endWhatIsOver(): void {
    const nowMs = Date.now();
    this.held.endWhere((caller) => !this.access.isStillValid(caller, nowMs));
  }
}
