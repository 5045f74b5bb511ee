import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { anyone, type Caller } from '../access/caller.js';
import { audit } from './audit.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its name in the OpenAPI document. */
    operation?: string;
  }
  interface FastifyRequest {
    /** With which it was refused; absent where it was not. */
    failureCode?: ErrorCode;
  }
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Where a stream is that was added. */
const NEW_STREAM = /^\/api\/v1\/streams\/([^/]+)$/;

/** Notes with which code a request was refused, for its audit line. */
export function noteFailure(request: FastifyRequest, code: ErrorCode): void {
  request.failureCode = code;
}

/** Writes a line for each request that changes something, or was to. */
export function auditChanges(server: FastifyInstance, logger: Logger): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { method, failureCode: code, routeOptions, ip } = request;
    // What a flood is made of changes nothing, and would fill the log.
    if (SAFE_METHODS.has(method) || code === 'DIPTYCH_E_LIMIT_RATE') {
      done();
      return;
    }
    const params = (request.params ?? {}) as Readonly<Record<string, string | undefined>>;
    const location = reply.getHeader('location');
    audit(logger, {
      caller: (request as { readonly caller?: Caller }).caller ?? anyone(ip),
      operation: routeOptions.config.operation ?? `${method} ${routeOptions.url ?? 'unknown path'}`,
      stream: params['id'] ?? NEW_STREAM.exec(String(location))?.[1],
      item: params['targetId'] ?? params['name'],
      status: reply.statusCode,
      code,
    });
    done();
  });
}
