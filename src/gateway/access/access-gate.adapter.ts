import { randomUUID } from 'node:crypto';
import type {} from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RefusedRequest } from '../api/refused-request.js';
import { addressGroup } from './address-group.js';
import type { Credentials, GuestWish, Identified } from './access.js';
import type { AccessKeeper } from './access-keeper.adapter.js';
import type { Caller } from './caller.js';

/** Wrong tokens from one address before it has to wait, in so many ms. */
const MAX_GUESSES = 10;
const WINDOW_MS = 60_000;
/** A session is made anew in the second half of its life, so that it does not end while it is used. */
const RENEWAL_SHARE = 0.5;

/** Counts by address. */
type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** What a browser is to keep as its cookie. */
export interface SignedIn {
  /** Who signed in. */
  readonly caller: Caller;
  /** The text of the cookie. */
  readonly cookie: string;
  /** How long it is good for, s. */
  readonly validS: number;
}

/** A link for a guest. */
export interface Guest {
  /** What the guest shows. */
  readonly token: string;
  /** When it ends, Unix time in ms. */
  readonly expiresAtMs: number;
}

/** Looks at what requests show of who sent them; slows down whoever tries tokens. */
export class AccessGate {
  readonly #keeper: AccessKeeper;
  #limiter: Limiter | undefined;

  constructor(keeper: AccessKeeper) {
    this.#keeper = keeper;
  }

  /** Counts for a server that does not listen yet, and that limits the rate of requests. */
  attach(server: FastifyInstance): void {
    this.#limiter = server.createRateLimit({
      ...{ max: MAX_GUESSES, timeWindow: WINDOW_MS },
      keyGenerator: ({ ip }) => addressGroup(ip),
    });
  }

  /** Whether callers have to show who they are. */
  get isNeeded(): boolean {
    return this.#keeper.access.isNeeded;
  }

  /**
   * Who shows these credentials; somebody without a role where there are none, or where they have ended.
   *
   * @param address - where from
   * @throws {@link RefusedRequest} 401 where a token is wrong, 429 where too many were
   */
  async identify(credentials: Credentials, address: string): Promise<Identified> {
    const { access } = this.#keeper;
    const isTried = credentials.token !== undefined || credentials.authorization !== undefined;
    if (isTried && access.isNeeded) await this.#requirePatience(address);
    const identified = access.identify(credentials, address, Date.now());
    if (identified.isGuess) await this.#limiter?.(countedBy(address));
    return identified;
  }

  /** Ends what a browser signed in for, and takes the links away that came of it. */
  async signOut(caller: Caller): Promise<void> {
    if (caller.way === 'cookie') await this.#keeper.end(caller);
  }

  /** What a guest shows. @param validMs - from now on */
  invite(caller: Caller, wish: Omit<GuestWish, 'expiresAtMs'>, validMs: number): Guest {
    const expiresAtMs = Date.now() + validMs;
    return { token: this.#keeper.access.invite(caller, { ...wish, expiresAtMs }, randomUUID()), expiresAtMs };
  }

  /** What a caller shows to other hosts of the cluster; absent where they have no token. */
  visit(caller: Caller): string | undefined {
    return this.#keeper.access.visit(caller, randomUUID(), Date.now());
  }

  /** Signs a browser in with a token, or with the pass of a guest. @throws {@link RefusedRequest} 401 and 429 */
  async signIn(token: string, address: string): Promise<SignedIn> {
    const { caller, problem = 'a token is needed' } = await this.identify({ token }, address);
    if (caller.role === undefined) throw unauthenticated(problem);
    const nowMs = Date.now();
    // A guest's pass is a cookie as it is.
    if (caller.way === 'guest') {
      return { caller, cookie: token, validS: Math.floor(((caller.expiresAtMs ?? nowMs) - nowMs) / 1000) };
    }
    return { caller, ...this.#session(caller, nowMs) };
  }

  /** A new cookie for a browser whose own is in the second half of its life; absent for others. */
  renew(caller: Caller): SignedIn | undefined {
    const { way, expiresAtMs } = caller;
    if (way !== 'cookie' || expiresAtMs === undefined) return undefined;
    const nowMs = Date.now();
    const session = this.#session(caller, nowMs);
    const isYoung = expiresAtMs - nowMs > session.validS * 1000 * RENEWAL_SHARE;
    return isYoung ? undefined : { caller, ...session };
  }

  #session(caller: Caller, nowMs: number): Pick<SignedIn, 'cookie' | 'validS'> {
    const { cookie, ms } = this.#keeper.access.signIn(caller, randomUUID(), nowMs);
    return { cookie, validS: Math.floor(ms / 1000) };
  }

  /** Lets no more tokens be tried for a while. @throws {@link RefusedRequest} 429 */
  async #requirePatience(address: string): Promise<void> {
    const counted = await this.#limiter?.(countedBy(address), { increment: false });
    if (!counted || counted.isAllowed || counted.remaining > 0) return;
    const waitS = Math.max(1, counted.ttlInSeconds);
    throw new RefusedRequest(`${MAX_GUESSES} wrong tokens came from this address; try again in ${waitS} s`, {
      status: 429,
      code: 'DIPTYCH_E_TOO_MANY_FAILURES',
      headers: { 'retry-after': String(waitS) },
    });
  }
}

/** 401, with what is asked for (RFC 6750). */
export const unauthenticated = (message: string): RefusedRequest =>
  new RefusedRequest(message, {
    status: 401,
    code: 'DIPTYCH_E_UNAUTHENTICATED',
    headers: { 'www-authenticate': 'Bearer realm="Diptych"', 'cache-control': 'no-store' },
  });

/** All that the limiter reads of a request. */
const countedBy = (ip: string): FastifyRequest => ({ ip, routeOptions: { config: {} } }) as FastifyRequest;
