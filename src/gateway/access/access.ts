import { includesRole, type Role } from '../../shared/domain/role.js';
import { anyone, mayUseStream, type Caller } from './caller.js';
import { isPass, readPass, signPass, type Pass } from './signed-text.js';
import { hashToken, isSameHash, tokenIdOf } from './token-hash.js';

/** A token that the gateway knows. */
export interface KnownToken {
  /** Of who has it, for the log. */
  readonly name: string;
  /** What it is good for. */
  readonly role: Role;
  /** The only streams that it is good for; absent for all. */
  readonly streams?: readonly string[] | undefined;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly hash: string;
}

/** What a request shows of who sent it. */
export interface Credentials {
  /** The header `Authorization`. */
  readonly authorization?: string | undefined;
  /** A token or a pass that stands in the URL, or in the subprotocols of a WebSocket. */
  readonly token?: string | undefined;
  /** The cookie of a browser that signed in. */
  readonly cookie?: string | undefined;
}

/** What came of looking at credentials. */
export interface Identified {
  /** Who it is. */
  readonly caller: Caller;
  /** Why the credentials that were shown are not taken; absent where they are, or where there were none. */
  readonly problem?: string;
  /** Whether a token was tried that is wrong: whoever tries many is slowed down. */
  readonly isGuess?: true;
}

/** What {@link Access} decides by. */
export interface AccessOptions {
  /** Signs passes, 32 random bytes. */
  readonly key: Buffer;
  /** How long a browser stays signed in, ms. */
  readonly sessionMs: number;
}

/** A link for a guest. */
export interface GuestWish {
  /** What the guest may do with it. */
  readonly role: Role;
  /** The stream that it is for. */
  readonly streamId: string;
  /** When it ends, Unix time in ms. */
  readonly expiresAtMs: number;
}

/** How long a browser may go to other hosts with what one of them gave it, ms; it is given another one before. */
const VISIT_MS = 12 * 3_600_000;
/** A request between hosts takes less, ms. */
const HOST_PASS_MS = 30_000;

const WRONG = 'this token is not known, or was removed; ask whoever runs the gateway for one (diptych token add)';
const ENDED = 'what you signed in with has ended; sign in again';
const EXPIRED_LINK = 'this link has expired or was withdrawn; ask for a new one';

/** Who may use the gateway: knows tokens by their hashes, and what it signed itself. */
export class Access {
  readonly #options: AccessOptions;
  #tokens: readonly KnownToken[] = [];
  #isNeeded = true;
  #endedSessions: ReadonlyMap<string, number> = new Map();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Whether callers have to show who they are. */
  get isNeeded(): boolean {
    return this.#isNeeded;
  }

  /** Tokens that are known. */
  get tokenCount(): number {
    return this.#tokens.length;
  }

  /** Takes these tokens from now on, and no other. @param isNeeded - whether callers have to show one */
  setTokens(tokens: readonly KnownToken[], isNeeded: boolean): void {
    this.#tokens = tokens;
    this.#isNeeded = isNeeded;
  }

  /** These passes are not taken any more. @param ended - by id: when they would have expired, Unix time in ms */
  setEndedSessions(ended: ReadonlyMap<string, number>): void {
    this.#endedSessions = ended;
  }

  /** Who shows these credentials. @param address - where from */
  identify({ authorization, token, cookie }: Credentials, address: string, nowMs: number): Identified {
    if (!this.isNeeded) return { caller: anyone(address) };
    const shown = token ?? bearerOf(authorization);
    if (shown !== undefined) {
      const caller = isPass(shown) ? this.#ofPass(shown, 'guest', nowMs) : this.#ofToken(shown);
      if (caller) return { caller: { ...caller, address } };
      const isKnownPass = readPass(shown, this.#options.key) !== undefined;
      if (isKnownPass) return { caller: nobody(address), problem: EXPIRED_LINK };
      return { caller: nobody(address), problem: WRONG, isGuess: true };
    }
    if (cookie === undefined) return { caller: nobody(address) };
    const caller = this.#ofPass(cookie, 'cookie', nowMs);
    return caller ? { caller: { ...caller, address } } : { caller: nobody(address), problem: ENDED };
  }

  /** Whether a caller may still do all that they might when they came. */
  isStillValid({ way, tokenId, sessionId, expiresAtMs, role, streams }: Caller, nowMs: number): boolean {
    if (way === 'open') return !this.isNeeded;
    if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return false;
    if (sessionId !== undefined && this.#endedSessions.has(sessionId)) return false;
    const token = this.#tokenOf(tokenId);
    return token !== undefined && role !== undefined && grants(token, role, streams);
  }

  /** What a browser keeps that has signed in as this caller. @param sessionId - nobody can guess it */
  signIn({ tokenId = '' }: Caller, sessionId: string, nowMs: number): { readonly cookie: string; readonly ms: number } {
    const { key, sessionMs } = this.#options;
    const pass = { kind: 'session', tokenId, sessionId, expiresAtMs: nowMs + sessionMs } as const;
    return { cookie: signPass(pass, key), ms: sessionMs };
  }

  /** What a guest shows. @param sessionId - nobody can guess it */
  invite({ tokenId = '' }: Caller, { role, streamId, expiresAtMs }: GuestWish, sessionId: string): string {
    const pass: Pass = { kind: 'guest', tokenId, sessionId, role, streams: [streamId], expiresAtMs };
    return signPass(pass, this.#options.key);
  }

  /**
   * What a caller shows to other hosts that have the same key and tokens: it gives them no more than they have here.
   *
   * @param sessionId - nobody can guess it; for callers without a session
   * @returns absent where they have no token
   */
  visit({ way, tokenId, role, streams, ...caller }: Caller, sessionId: string, nowMs: number): string | undefined {
    if (tokenId === undefined || role === undefined) return undefined;
    const { expiresAtMs = Infinity } = caller;
    const common = { tokenId, sessionId: caller.sessionId ?? sessionId };
    if (way === 'guest') {
      const pass: Pass = { kind: 'guest', ...common, role, streams: [...(streams ?? [])], expiresAtMs };
      return signPass(pass, this.#options.key);
    }
    const pass: Pass = { kind: 'visit', ...common, expiresAtMs: Math.min(expiresAtMs, nowMs + VISIT_MS) };
    return signPass(pass, this.#options.key);
  }

  /** What this host shows to another one that has the same key. @param theirNowMs - Unix time of that host, ms */
  asHost(host: string, theirNowMs: number): string {
    return signPass({ kind: 'host', host, expiresAtMs: theirNowMs + HOST_PASS_MS }, this.#options.key);
  }

  /** The host of the cluster that shows this, also where nobody else is asked; absent where it is none. */
  hostOf(authorization: string | undefined, nowMs: number): string | undefined {
    const pass = readPass(bearerOf(authorization) ?? '', this.#options.key);
    return pass?.kind === 'host' && pass.expiresAtMs > nowMs ? pass.host : undefined;
  }

  #tokenOf(tokenId: string | undefined): KnownToken | undefined {
    return this.#tokens.find(({ hash }) => tokenIdOf(hash) === tokenId);
  }

  /** Compares with every token, so that the time does not tell which is near. */
  #ofToken(text: string): Omit<Caller, 'address'> | undefined {
    const given = hashToken(text);
    let found: KnownToken | undefined;
    for (const token of this.#tokens) if (isSameHash(token.hash, given)) found = token;
    return found && { way: 'token', tokenId: tokenIdOf(found.hash), ...grantOf(found) };
  }

  #ofPass(text: string, way: 'cookie' | 'guest', nowMs: number): Omit<Caller, 'address'> | undefined {
    const pass = readPass(text, this.#options.key);
    if (pass?.kind === 'host') return way === 'cookie' || pass.expiresAtMs <= nowMs ? undefined : hostCaller(pass);
    const token = this.#tokenOf(pass?.tokenId);
    if (!pass || !token || pass.expiresAtMs <= nowMs || this.#endedSessions.has(pass.sessionId)) return undefined;
    const { tokenId, sessionId, expiresAtMs } = pass;
    const common = { way, tokenId, sessionId, expiresAtMs };
    if (pass.kind === 'visit') return way === 'cookie' ? undefined : { ...common, way: 'token', ...grantOf(token) };
    if (pass.kind === 'session') return way === 'cookie' ? { ...common, ...grantOf(token) } : undefined;
    // Nobody gives away more than they have, also where that has become less since.
    if (!grants(token, pass.role, pass.streams)) return undefined;
    return { ...common, way: 'guest', name: `guest of ${token.name}`, role: pass.role, streams: pass.streams };
  }
}

/** Hosts read the streams of others, with their addresses. */
const hostCaller = ({ host, expiresAtMs }: Extract<Pass, { kind: 'host' }>): Omit<Caller, 'address'> => ({
  ...{ way: 'token', name: `host ${host}`, role: 'operate', expiresAtMs },
});

const nobody = (address: string): Caller => ({ way: 'none', name: 'nobody', address });

/** Whether a token lets do what this role may with these streams. @param streams - absent for all */
const grants = (token: KnownToken, role: Role, streams: readonly string[] | undefined): boolean =>
  includesRole(token.role, role) &&
  (streams === undefined ? token.streams === undefined : streams.every((id) => mayUseStream(token, id)));

const grantOf = ({ name, role, streams }: KnownToken): Pick<Caller, 'name' | 'role' | 'streams'> => ({
  ...{ name, role },
  ...(streams && { streams }),
});

/** The token of `Authorization: Bearer …` (RFC 6750, section 2.1); absent without such a header. */
function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}
