import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { DiptychError, type ErrorCode } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { parseBody, type Route } from './route.js';

/** What the HTTP server serves. */
export interface HttpServerOptions {
  /** The routes of the API; paths must be unique. */
  readonly routes: readonly Route[];
  /** The built viewer: `index.html` and what it loads. */
  readonly viewerDirectory: string;
  /** Receives each request at level `debug`, and failures at `error`. */
  readonly logger: Logger;
}

const MAX_BODY_BYTES = 64 * 1024;

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  DIPTYCH_E_BAD_INPUT: 400,
  DIPTYCH_E_CONFIG: 400,
  DIPTYCH_E_NOT_FOUND: 404,
  DIPTYCH_E_CONFLICT: 409,
  DIPTYCH_E_NOT_READY: 503,
};

/** The page loads nothing from other origins, and other origins may neither frame nor read it. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** HTTP for people and programs: the routes, the viewer page, errors in one form. Not yet listening. */
export async function createHttpServer({
  routes,
  viewerDirectory,
  logger,
}: HttpServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
  });
  // A form of another site can send text/plain without a preflight request, but not JSON.
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  server.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    logger.debug({ method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });
  server.setErrorHandler((error: FastifyError | DiptychError, request, reply) => {
    const { status, code, message } = describeError(error);
    if (status >= 500 && code === 'DIPTYCH_E_INTERNAL')
      logger.error({ err: error, url: request.url }, 'request failed');
    return sendError(reply, status, code, message);
  });
  server.setNotFoundHandler((request, reply) =>
    sendError(reply, 404, 'DIPTYCH_E_NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0] ?? ''}`),
  );
  for (const definition of routes) addRoute(server, definition);
  await addViewer(server, viewerDirectory);
  return server;
}

function addRoute(server: FastifyInstance, definition: Route): void {
  const { method, path: url, body, answer } = definition;
  server.route({
    method,
    url,
    handler: async (request, reply) => {
      const result = await definition.handle({
        params: request.params as Record<string, string>,
        body: body ? parseBody(body, request.body) : undefined,
      });
      reply.code(result.status ?? answer.status);
      if (answer.contentType !== undefined) reply.type(answer.contentType);
      if (result.headers) reply.headers(result.headers);
      return reply.send(result.body);
    },
  });
}

async function addViewer(server: FastifyInstance, directory: string): Promise<void> {
  if (!existsSync(path.join(directory, 'index.html'))) {
    throw new DiptychError('DIPTYCH_E_INTERNAL', `the viewer page is not in ${directory}; run npm run build`);
  }
  await server.register(fastifyStatic, {
    root: directory,
    prefix: '/assets/',
    index: false,
    cacheControl: false,
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache');
    },
  });
  for (const url of ['/', '/s/:id']) {
    server.get(url, (_request, reply) => reply.header('cache-control', 'no-cache').sendFile('index.html'));
  }
}

function describeError(error: FastifyError | DiptychError): { status: number; code: ErrorCode; message: string } {
  if (error instanceof DiptychError) {
    return { status: STATUS_OF[error.code] ?? 500, code: error.code, message: error.message };
  }
  const status = error.statusCode ?? 500;
  if (status >= 500)
    return { status, code: 'DIPTYCH_E_INTERNAL', message: 'the gateway failed; the reason is in its log' };
  return { status, code: status === 404 ? 'DIPTYCH_E_NOT_FOUND' : 'DIPTYCH_E_BAD_INPUT', message: error.message };
}

function sendError(reply: FastifyReply, status: number, code: ErrorCode, message: string): FastifyReply {
  return reply.code(status).type('application/json').send({ error: { code, message } });
}
