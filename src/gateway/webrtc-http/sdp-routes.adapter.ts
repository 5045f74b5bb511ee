import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Role } from '../../shared/domain/role.js';
import { RefusedRequest } from '../api/refused-request.js';
import type { IceServer } from '../../shared/signaling/protocol.js';
import { iceServerLinks } from '../signaling/ice-servers.js';
import { hasRole, type Caller } from '../access/caller.js';
import type { HeldAccess } from '../access/held-access.js';
import type { RouteAccess } from '../access/role-hook.adapter.js';
import { parseIceFragment } from './sdp/ice-fragment.js';
import type { SdpEndpoint, SdpSession } from './sdp-endpoint.js';

/** Where an endpoint is served, and for whom. */
export interface SdpRoutesOptions {
  /** `/whep` or `/whip`; the name of the stream follows, and that of the session. */
  readonly prefix: string;
  /** Before it in `Location`, as clients see it; empty without one. */
  readonly pathPrefix: string;
  /** What stands behind it. */
  readonly endpoint: SdpEndpoint;
  /** STUN and TURN servers for one client, which wants them before it makes an offer. */
  readonly iceServers: () => readonly IceServer[];
  /** What a caller has to have. */
  readonly role: Role;
  /** Sessions end with what their callers may do. */
  readonly held: HeldAccess;
}

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const ENDPOINT_METHODS = 'OPTIONS, GET, HEAD, POST';
const SESSION_METHODS = 'OPTIONS, GET, HEAD, PATCH, DELETE';
/** What a script of another page may send. */
const ACCEPTED = 'Authorization, Content-Type, If-Match';
const PREFLIGHT_VALID_S = 600;

interface EndpointParams {
  readonly id: string;
}

interface SessionParams extends EndpointParams {
  readonly session: string;
}

/**
 * SDP over HTTP as WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep-03) have it: `POST` begins a session, `PATCH` adds
 * candidates or restarts ICE, `DELETE` ends it; entity tags name ICE sessions, and CORS lets players of the allowed
 * origins in.
 */
export function sdpRoutes(options: SdpRoutesOptions): (scope: FastifyInstance) => Promise<void> {
  return (scope) => {
    // Every body is read as text, so that a wrong type is refused by the route, in its own words.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.addHook('onRoute', (route) => {
      // Browsers ask for OPTIONS before they send what says who they are.
      const access: RouteAccess =
        route.method === 'OPTIONS'
          ? { role: 'none', tokenInUrl: 'always' }
          : { role: options.role, tokenInUrl: 'always' };
      route.config = { ...route.config, access, isCrossOrigin: true };
    });
    addEndpoint(scope, options);
    addSession(scope, options);
    return Promise.resolve();
  };
}

function addEndpoint(scope: FastifyInstance, options: SdpRoutesOptions): void {
  const { prefix, pathPrefix, endpoint, iceServers, role, held } = options;
  const url = `${prefix}/:id`;
  addCommon(scope, url, {
    methods: ENDPOINT_METHODS,
    accepts: { 'accept-post': SDP },
    refused: ['PUT', 'PATCH', 'DELETE'],
    iceServersFor: (caller) => (hasRole(caller, role) ? iceServers() : []),
  });
  const config = { operation: `${protocolOf(prefix)}Begin` };
  scope.post<{ Params: EndpointParams }>(url, { config }, async (request, reply) => {
    const offer = bodyOf(request, SDP, { 'accept-post': SDP });
    const session = await endpoint.open({ streamId: request.params.id, offer });
    held.hold(
      request.caller,
      () => session.close(),
      () => !endpoint.find(session.streamId, session.id),
    );
    return linkServers(reply, session.iceServers)
      .code(201)
      .headers({
        location: `${pathPrefix}${prefix}/${encodeURIComponent(session.streamId)}/${session.id}${tokenQuery(request)}`,
        etag: session.etag,
        'accept-patch': FRAGMENT,
        'cache-control': 'no-store',
      })
      .type(SDP)
      .send(session.answer);
  });
}

function addSession(scope: FastifyInstance, { prefix, endpoint }: SdpRoutesOptions): void {
  const url = `${prefix}/:id/:session`;
  const find = ({ id, session }: SessionParams): SdpSession => {
    const found = endpoint.find(id, session);
    if (!found) throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'there is no such session any more; begin a new one');
    return found;
  };
  addCommon(scope, url, { methods: SESSION_METHODS, accepts: { 'accept-patch': FRAGMENT }, refused: ['PUT', 'POST'] });
  const operation = (name: string): object => ({ config: { operation: `${protocolOf(prefix)}${name}` } });
  scope.patch<{ Params: SessionParams }>(url, operation('Patch'), async (request, reply) => {
    const session = find(request.params);
    const { ice } = parseIceFragment(bodyOf(request, FRAGMENT, { 'accept-patch': FRAGMENT }));
    const isRestart = ice !== undefined && ice.usernameFragment !== session.clientUfrag;
    checkMatch(request.headers['if-match'], session.etag, isRestart);
    if (!isRestart) return reply.code(204).send();
    const fragment = await session.restartIce(ice.usernameFragment);
    return reply.code(200).header('etag', session.etag).type(FRAGMENT).send(fragment);
  });
  scope.delete<{ Params: SessionParams }>(url, operation('End'), async (request, reply) => {
    find(request.params).close();
    return reply.code(200).send();
  });
}

/** As operations of the OpenAPI document begin. */
const protocolOf = (prefix: string): string => prefix.slice(1);

/** What endpoint and session answer alike: `OPTIONS`, `GET` without content, and 405 for the rest. */
function addCommon(
  scope: FastifyInstance,
  url: string,
  {
    methods,
    accepts,
    refused,
    iceServersFor,
  }: {
    readonly methods: string;
    readonly accepts: Record<string, string>;
    readonly refused: string[];
    readonly iceServersFor?: (caller: Caller) => readonly IceServer[];
  },
): void {
  scope.options(url, async (request, reply) =>
    linkServers(reply, iceServersFor?.(request.caller) ?? [])
      .code(200)
      .headers({ allow: methods, 'access-control-allow-methods': methods, ...accepts })
      .headers({ 'access-control-allow-headers': ACCEPTED, 'access-control-max-age': String(PREFLIGHT_VALID_S) })
      .send(),
  );
  scope.get(url, async (_request, reply) => reply.code(204).send());
  scope.route({
    method: refused,
    url,
    handler: (request) => {
      throw new RefusedRequest(`there is no ${request.method} here; use one of ${methods}`, {
        status: 405,
        headers: { allow: methods },
      });
    },
  });
}

/** What was shown in the URL is to be shown there again: a client asks for the session as it was told. */
function tokenQuery({ query }: FastifyRequest): string {
  const { token } = query as Readonly<Record<string, unknown>>;
  return typeof token === 'string' ? `?token=${encodeURIComponent(token)}` : '';
}

/** Tells a client of STUN and TURN servers (RFC 9725, 4.6). */
function linkServers(reply: FastifyReply, servers: readonly IceServer[]): FastifyReply {
  const links = iceServerLinks(servers);
  return links.length > 0 ? reply.header('link', links) : reply;
}

/** The text of a request of the right type. @throws {@link RefusedRequest} 415, or 400 where there is none */
function bodyOf(request: FastifyRequest, type: string, accepts: Record<string, string>): string {
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given !== type) {
    throw new RefusedRequest(`expected content-type: ${type}`, { status: 415, headers: accepts });
  }
  if (typeof request.body === 'string' && request.body !== '') return request.body;
  throw new DiptychError('DIPTYCH_E_BAD_INPUT', `the body is empty; send ${type}`);
}

/**
 * Candidates belong to one ICE session, a restart to whichever there is.
 *
 * @throws {@link RefusedRequest} 428 without `If-Match`, 412 where it names another session
 */
function checkMatch(ifMatch: string | undefined, etag: string, isRestart: boolean): void {
  if (ifMatch === undefined) {
    const wanted = isRestart ? '*' : 'the ETag of the session';
    throw new RefusedRequest(`the header If-Match is missing; send ${wanted}`, { status: 428 });
  }
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.some((tag) => tag === '*' || tag === '"*"' || tag === etag)) return;
  throw new RefusedRequest('If-Match names another ICE session than the one that goes on', { status: 412 });
}
