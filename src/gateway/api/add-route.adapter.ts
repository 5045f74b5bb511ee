import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HeldAccess } from '../access/held-access.js';
import { cookieName } from '../access/role-hook.adapter.js';
import { refuseOtherType } from './body-types.js';
import { EVENT_STREAM_HEADERS, sendEventStream } from './event-stream.adapter.js';
import { parseBody, type Route, type RouteReply } from './route.js';

/** What routes are added with. */
export interface AddRouteOptions {
  /** Before every path, as people see it; empty without one. */
  readonly pathPrefix: string;
  /** Events end with what their readers may do. */
  readonly held: HeldAccess;
}

/** Serves one route of the API. */
export function addRoute(server: FastifyInstance, definition: Route, { pathPrefix, held }: AddRouteOptions): void {
  const { method, path: url, body, query, answer, role, isFiltered = false } = definition;
  server.route({
    method,
    url,
    config: { access: { role, isFiltered }, operation: definition.id },
    handler: async (request, reply) => {
      if (body) refuseOtherType(request.headers['content-type'], definition);
      const result = await definition.handle({
        caller: request.caller,
        query: query ? parseBody(query, request.query, 'query') : undefined,
        headers: request.headers,
        signal: goneSignal(reply),
        params: request.params as Record<string, string>,
        body: body && definition.isBodyWritten !== true ? parseBody(body, request.body) : (request.body ?? {}),
      });
      if (result.file) {
        const { folder, name, saveAs } = result.file;
        reply.headers({ 'content-disposition': `attachment; filename="${saveAs}"`, 'cache-control': 'no-cache' });
        return reply.sendFile(name, folder, { cacheControl: false });
      }
      if (result.events) {
        const headers = reply.getHeaders() as Record<string, string>;
        reply.hijack();
        reply.raw.writeHead(200, { ...headers, ...EVENT_STREAM_HEADERS });
        reply.raw.once(
          'close',
          held.hold(request.caller, () => reply.raw.destroy()),
        );
        sendEventStream(reply.raw, result.events);
        return reply;
      }
      reply.code(result.status ?? answer.status);
      if (answer.contentType !== undefined) reply.type(answer.contentType);
      if (result.headers) reply.headers(result.headers);
      if (result.session) keepSession(request, reply, result.session, pathPrefix);
      return reply.send(result.body);
    },
  });
}

/** The browser keeps it where no script reads it, and sends it with requests of this gateway's own pages only. */
function keepSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { cookie, validS }: NonNullable<RouteReply['session']>,
  pathPrefix: string,
): void {
  reply.header('cache-control', 'no-store').setCookie(cookieName(request), cookie, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    path: pathPrefix === '' ? '/' : pathPrefix,
    maxAge: validS,
  });
}

/** Aborts when the client has gone before it was answered. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
