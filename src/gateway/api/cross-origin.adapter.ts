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

/**
 * Lets scripts of other pages read the answers of routes that are meant for them, refusals included: without these
 * headers a browser tells a script nothing at all. To be called before any hook that may refuse a request.
 *
 * @param allowedOrigins - `*` allows every page
 */
export function allowOrigins(server: FastifyInstance, allowedOrigins: readonly string[]): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.isCrossOrigin === true) {
      reply.header('vary', 'Origin');
      const { origin, host } = request.headers;
      if (origin !== undefined && isOriginAllowed(origin, host && request.host, allowedOrigins)) {
        reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED });
      }
    }
    done();
  });
}
