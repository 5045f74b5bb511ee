import type { FastifyInstance } from 'fastify';
import { anyone, type Caller } from './caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request, and from where. */
    caller: Caller;
  }
}

/** Finds out of each request who sent it. */
export function identifyCallers(server: FastifyInstance): void {
  server.decorateRequest('caller');
  server.addHook('onRequest', (request, _reply, done) => {
    request.caller = anyone(request.ip);
    done();
  });
}
