import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failureBody } from '../api/http-errors.js';
import type { IceServer } from '../../shared/signaling/protocol.js';
import { isOriginAllowed } from '../signaling/origin.js';
import { parseIceFragment } from '../webrtc-http/sdp/ice-fragment.js';
import { iceLinks } from './ice-links.js';
import type { Publishers } from './publishers.adapter.js';

/** What the endpoint works with. */
export interface WhipEndpointOptions {
  /** Takes who publishes. */
  readonly publishers: Publishers;
  /** STUN and TURN servers for one publisher. */
  readonly iceServers: () => readonly IceServer[];
  /** As `http.allowedOrigins`: pages of other origins that may publish. */
  readonly allowedOrigins: readonly string[];
}

interface StreamParams {
  readonly id: string;
}

interface SessionParams extends StreamParams {
  readonly session: string;
}

const OFFER = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const ENDPOINT_METHODS = 'POST, OPTIONS';
const SESSION_METHODS = 'PATCH, DELETE, OPTIONS';
const MAX_BODY_BYTES = 64 * 1024;

/** What goes with a status that none of our codes stands for. */
interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * WHIP (RFC 9725): `POST /whip/:id` takes an offer and answers `201`, the session it names takes `PATCH` (trickle ICE
 * and ICE restart) and `DELETE`. A plugin of its own, so that it alone takes bodies that are no JSON.
 */
export function whipEndpoint(options: WhipEndpointOptions): (server: FastifyInstance) => Promise<void> {
  // eslint-plugin-fastify's form of a plugin is asynchronous.
  return (server) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
      done(null, body);
    });
    server.addHook('onRequest', async (request, reply) => {
      allowOrigin(request, reply, options.allowedOrigins);
    });
    addEndpoint(server, options);
    addSession(server, options);
    return Promise.resolve();
  };
}

function addEndpoint(server: FastifyInstance, { publishers, iceServers }: WhipEndpointOptions): void {
  const url = '/whip/:id';
  server.options(url, (_request, reply) => {
    // Browsers need them before they make an offer.
    return sendOptions(reply.header('link', iceLinks(iceServers())), ENDPOINT_METHODS, { 'accept-post': OFFER });
  });
  server.post<{ readonly Params: StreamParams }>(url, async (request, reply) => {
    if (!isOfType(request, OFFER)) return refuse(reply, wrongType(OFFER, { 'accept-post': OFFER }));
    const { id } = request.params;
    const session = await publishers.open(id, String(request.body));
    return reply
      .code(201)
      .type(OFFER)
      .headers({
        location: `/whip/${encodeURIComponent(id)}/${session.id}`,
        etag: session.etag,
        'accept-patch': FRAGMENT,
        link: iceLinks(session.iceServers),
      })
      .send(session.answer);
  });
  server.route({
    method: ['GET', 'PUT', 'PATCH', 'DELETE'],
    url,
    handler: (_request, reply) => refuse(reply, wrongMethod(ENDPOINT_METHODS, 'publish with POST and an SDP offer')),
  });
}

function addSession(server: FastifyInstance, { publishers }: WhipEndpointOptions): void {
  const url = '/whip/:id/:session';
  server.options(url, (_request, reply) => sendOptions(reply, SESSION_METHODS, { 'accept-patch': FRAGMENT }));
  server.delete<{ readonly Params: SessionParams }>(url, async ({ params }, reply) => {
    publishers.delete(params.id, params.session);
    return reply.code(200).send();
  });
  server.patch<{ readonly Params: SessionParams }>(url, async (request, reply) => {
    const session = publishers.get(request.params.id, request.params.session);
    if (!isOfType(request, FRAGMENT)) return refuse(reply, wrongType(FRAGMENT, { 'accept-patch': FRAGMENT }));
    const wanted = request.headers['if-match'];
    if (wanted === undefined) return refuse(reply, NO_CONDITION);
    if (wanted !== '*' && !wanted.split(/\s*,\s*/).includes(session.etag)) return refuse(reply, STALE);
    const fragment = parseIceFragment(String(request.body));
    // Candidates are not needed: who asks is answered (ICE-lite).
    if (!session.isRestart(fragment)) return reply.code(204).send();
    const answer = await session.restartIce(fragment);
    return reply.code(200).type(FRAGMENT).header('etag', session.etag).send(answer);
  });
  server.route({
    method: ['GET', 'PUT', 'POST'],
    url,
    handler: (_request, reply) => refuse(reply, wrongMethod(SESSION_METHODS, 'end the session with DELETE')),
  });
}

const NO_CONDITION: Refusal = {
  status: 428,
  message: 'the header If-Match is missing; send the ETag of the session, or * for an ICE restart',
};
const STALE: Refusal = {
  status: 412,
  message: 'If-Match names an ICE session that is over; send the ETag of the latest answer',
};

const wrongType = (type: string, headers: Readonly<Record<string, string>>): Refusal => ({
  ...{ status: 415, headers },
  message: `the body is of another type; send it with content-type: ${type}`,
});

const wrongMethod = (allow: string, advice: string): Refusal => ({
  ...{ status: 405, headers: { allow } },
  message: `this takes ${allow} only; ${advice}`,
});

function refuse(reply: FastifyReply, { status, message, headers = {} }: Refusal): FastifyReply {
  const body = failureBody({ status, code: 'DIPTYCH_E_BAD_INPUT', message });
  return reply.code(status).headers(headers).type('application/json').send(body);
}

const sendOptions = (reply: FastifyReply, allow: string, headers: Readonly<Record<string, string>>): FastifyReply =>
  reply
    .code(204)
    .headers({ allow, 'access-control-allow-methods': allow, ...headers })
    .send();

const isOfType = ({ headers }: FastifyRequest, type: string): boolean =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === type;

/** Pages of other origins may publish where the configuration says so; programs send no origin. */
function allowOrigin(request: FastifyRequest, reply: FastifyReply, allowedOrigins: readonly string[]): void {
  const { origin, host } = request.headers;
  reply.header('vary', 'Origin');
  if (origin === undefined || !isOriginAllowed(origin, host, allowedOrigins)) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'content-type, authorization, if-match',
    'access-control-expose-headers': 'location, etag, link, accept-patch',
  });
}
