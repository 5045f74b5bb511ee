import type { FastifyInstance } from 'fastify';
import { isOriginAllowed } from '../access/origin.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Scripts of the allowed origins may read what the route answers. @defaultValue false */
    isCrossOrigin?: boolean;
  }
}

/** Headers of answers that such a script may read. */
const EXPOSED = 'Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, Allow, WWW-Authenticate';

const PREFLIGHT_VALID_S = 600;
const NEVER = (): readonly string[] => [];
/** What pages of other hosts send. */
const HOST_METHODS = 'GET, POST, PUT, PATCH, DELETE';
const HOST_HEADERS = 'Authorization, Content-Type, If-Match';

/**
 * Lets scripts of other pages read the answers of routes that are meant for them, refusals included: without these
 * headers a browser tells a script nothing at all. To be called before any hook that may refuse a request.
 *
 * @param allowedOrigins - `*` allows every page
 * @param pageOrigins - of the pages of other hosts of the cluster, which may use everything
 */
export function allowOrigins(
  server: FastifyInstance,
  allowedOrigins: readonly string[],
  pageOrigins: () => readonly string[] = NEVER,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { origin: from, host: name } = request.headers;
    if (from !== undefined && pageOrigins().includes(from) && !isOriginAllowed(from, name && request.host, [])) {
      reply.headers({ vary: 'Origin', 'access-control-allow-origin': from, 'access-control-expose-headers': EXPOSED });
      if (request.method === 'OPTIONS') {
        const allowed = { 'access-control-allow-methods': HOST_METHODS, 'access-control-allow-headers': HOST_HEADERS };
        reply.headers({ ...allowed, 'access-control-max-age': String(PREFLIGHT_VALID_S) });
      }
    } else if (request.routeOptions.config.isCrossOrigin === true) {
      reply.header('vary', 'Origin');
      const { origin, host } = request.headers;
      if (origin !== undefined && isOriginAllowed(origin, host && request.host, allowedOrigins)) {
        reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED });
      }
    }
    done();
  });
}
