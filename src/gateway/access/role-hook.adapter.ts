import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Role } from '../../shared/domain/role.js';
import { TOKEN_SUBPROTOCOL } from '../../shared/signaling/protocol-constants.js';
import { unauthenticated, type AccessGate } from './access-gate.adapter.js';
import { hasRole, mayUseStream, type Caller } from './caller.js';

/** What a route says of who may use it. */
export interface RouteAccess {
  /** What a caller has to have; `none`: everybody may. */
  readonly role: Role | 'none';
  /** The route belongs to no stream, and shows to each caller only what they may see. @defaultValue false */
  readonly isFiltered?: boolean;
  /** A token may stand in the URL: for players that can send no header, and for the clean view. @defaultValue 'never' */
  readonly tokenInUrl?: 'never' | 'always' | 'clean view';
  /** The route sends a page, which signs in whoever has to. @defaultValue false */
  readonly isPage?: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request, and from where. */
    caller: Caller;
    /** Why a page is not for who asks: it is sent with this, and lets them sign in. */
    refusal: DiptychError | undefined;
  }
  interface FastifyContextConfig {
    /** Who may use the route; without it only `admin`. */
    access?: RouteAccess;
  }
}

/** Routes that say nothing are for those who may do everything. */
const UNSAID: RouteAccess = { role: 'admin' };

/** Finds out of each request who sent it, and refuses those who may not. To be called before the routes are added. */
export async function guardRoutes(server: FastifyInstance, gate: AccessGate): Promise<void> {
  await server.register(fastifyCookie);
  server.decorateRequest('caller');
  server.decorateRequest('refusal');
  server.addHook('onRequest', async (request) => {
    // What is not there is told to everybody.
    const access = request.is404 ? ({ role: 'none' } as const) : (request.routeOptions.config.access ?? UNSAID);
    try {
      await admit(request, access, gate);
    } catch (error) {
      if (access.isPage !== true || !(error instanceof DiptychError)) throw error;
      request.refusal = error;
    }
  });
}

/** Lets a request in that may use its route. @throws {@link DiptychError} with 401, 403 or 429 */
async function admit(request: FastifyRequest, access: RouteAccess, gate: AccessGate): Promise<void> {
  const { authorization } = request.headers;
  request.caller = { way: 'none', name: 'nobody', address: request.ip };
  const credentials = { authorization, token: tokenOf(request, access), cookie: request.cookies[cookieName(request)] };
  if (access.role === 'none') {
    // Whoever shows something wrong where nothing is asked for is let in all the same.
    const known = await gate.identify(credentials, request.ip).catch(() => undefined);
    if (known) request.caller = known.caller;
    return;
  }
  const { caller, problem } = await gate.identify(credentials, request.ip);
  request.caller = caller;
  if (caller.role === undefined) {
    throw unauthenticated(problem ?? 'sign in, or send a token (Authorization: Bearer TOKEN)');
  }
  requireRole(caller, access.role);
  const { id } = request.params as { readonly id?: string };
  requireStream(caller, id, access.isFiltered);
}

/** Throws {@link DiptychError} `DIPTYCH_E_FORBIDDEN` unless the caller may do what this role may. */
export function requireRole(caller: Caller, role: Role, what = 'this'): void {
  if (hasRole(caller, role)) return;
  const message = `${what} needs role ${role}, and "${caller.name}" has role ${caller.role ?? 'none'}; use a token with role ${role}`;
  throw new DiptychError('DIPTYCH_E_FORBIDDEN', message);
}

/** Throws {@link DiptychError} `DIPTYCH_E_FORBIDDEN` unless what the caller may do holds for this stream. */
export function requireStream(caller: Caller, streamId: string | undefined, isFiltered = false): void {
  if (mayUseStream(caller, streamId) || (streamId === undefined && isFiltered)) return;
  const theirs = caller.streams?.join(', ') ?? '';
  throw new DiptychError('DIPTYCH_E_FORBIDDEN', `"${caller.name}" may use only these streams: ${theirs}`);
}

/** Browsers send a cookie to every port of a host: two gateways on one machine must not take each other's. */
export const cookieName = ({ socket }: Pick<FastifyRequest, 'socket'>): string => `diptych-${socket.localPort ?? 0}`;

function tokenOf({ query, headers }: FastifyRequest, { tokenInUrl = 'never' }: RouteAccess): string | undefined {
  const { token, view } = query as Readonly<Record<string, unknown>>;
  const mayStand = tokenInUrl === 'always' || (tokenInUrl === 'clean view' && view === 'clean');
  if (mayStand && typeof token === 'string' && token !== '') return token;
  return tokenOfProtocols(headers['sec-websocket-protocol']);
}

/** The token among the subprotocols that a WebSocket asks for. */
export function tokenOfProtocols(header: string | undefined): string | undefined {
  const found = header
    ?.split(',')
    .map((name) => name.trim())
    .find((name) => name.startsWith(TOKEN_SUBPROTOCOL));
  return found === undefined
    ? undefined
    : Buffer.from(found.slice(TOKEN_SUBPROTOCOL.length), 'base64url').toString('utf8');
}
