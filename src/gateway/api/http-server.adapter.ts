import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { belowPrefix } from '../../shared/config/base-path.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { identifyCallers } from '../access/caller-hook.adapter.js';
import type { Doorkeeper } from '../access/doorkeeper.js';
import { limitRate } from '../access/request-rate.adapter.js';
import { auditChanges, noteFailure } from '../audit/audit-hook.adapter.js';
import { EVENT_STREAM_HEADERS, sendEventStream } from './event-stream.adapter.js';
import { AllowedMethods } from './allowed-methods.js';
import { describeClientFailure, describeFailure, problemBody, PROBLEM_TYPE, type HttpFailure } from './http-errors.js';
import { acceptedTypes, MERGE_PATCH, refuseOtherType } from './body-types.js';
import { parseBody, type Route } from './route.js';
import { readViewerPage, type SendPage } from './viewer-page.adapter.js';

/** What the HTTP server serves. */
export interface HttpServerOptions {
  /** The routes of the API; paths must be unique. */
  readonly routes: readonly Route[];
  /** What answers in another way than the routes; paths must be others. */
  readonly endpoints: readonly ((server: FastifyInstance) => Promise<void>)[];
  /** The built viewer: `index.html` and what it loads. */
  readonly viewerDirectory: string;
  /** Whether there is a stream of this name: a page of another one is answered with 404. */
  readonly hasStream: (id: string) => boolean;
  /** Decides which requests are let in. */
  readonly doorkeeper: Doorkeeper;
  /** Before every path, as people see it; empty without one. What comes without it is answered as well. */
  readonly pathPrefix: string;
  /** Origins of pages that may hold the clean view in a frame; `*`: every page. */
  readonly frameAncestors: readonly string[];
  /** Sizes, times and rates of requests. */
  readonly limits: LimitsConfig;
  /** Receives each request at level `debug`, and failures at `error`. */
  readonly logger: Logger;
}

const KIB = 1024;
/** How often Node looks whether a request takes too long, ms. */
const TIMEOUT_CHECK_MS = 1000;
/** Characters of a path in a message. */
const MAX_SHOWN = 100;

const CONTENT_SECURITY =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'";

/** The page loads nothing from other origins, and no page may frame it: a click in a frame may be meant for another. */
const SECURITY_HEADERS = {
  'content-security-policy': `${CONTENT_SECURITY}; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Pictures of cameras are for pages of this gateway.
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** HTTP for people and programs: the routes, the viewer page, errors in one form. Not yet listening. */
export async function createHttpServer({
  routes,
  endpoints,
  viewerDirectory,
  hasStream,
  pathPrefix,
  frameAncestors,
  doorkeeper,
  limits,
  logger,
}: HttpServerOptions): Promise<FastifyInstance> {
  const sendFailure = failureSender(pathPrefix);
  const server = fastify({
    bodyLimit: limits.bodyKb * KIB,
    requestTimeout: limits.requestS * 1000,
    keepAliveTimeout: limits.keepAliveS * 1000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
    // Node's own answer to a request without Host has no body; ours is below.
    http: {
      requireHostHeader: false,
      maxHeaderSize: limits.headerKb * KIB,
      headersTimeout: Math.min(limits.headersS, limits.requestS) * 1000,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    rewriteUrl: ({ url = '/' }) => belowPrefix(url, pathPrefix),
    frameworkErrors: (error, request, reply) => void sendFailure(reply, describeFailure(error), request.raw.url),
    clientErrorHandler: (error, socket) => refuseClient(error, socket, pathPrefix),
  });
  server.server.maxConnections = limits.connections;
  // A form of another site can send text/plain without a preflight request, but not JSON.
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw new DiptychError('DIPTYCH_E_BAD_INPUT', 'the header Host is missing; HTTP/1.1 asks for it');
    }
    const { host, origin } = request.headers;
    const refusal = doorkeeper.refuse({ host, origin }, request.method);
    if (refusal !== undefined) throw new DiptychError('DIPTYCH_E_FORBIDDEN', refusal);
  });
  identifyCallers(server);
  server.addHook('onResponse', async (request, reply) => {
    const { method, url } = request;
    logger.debug({ method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });
  await limitRate(server, limits);
  auditChanges(server, logger);
  const sendPage = await readViewerPage(viewerDirectory, pathPrefix);
  answerFailures(server, { sendFailure, sendPage, logger });
  for (const definition of routes) addRoute(server, definition);
  for (const endpoint of endpoints) await server.register(endpoint);
  await addViewer(server, { viewerDirectory, sendPage, hasStream, frameAncestors });
  return server;
}

/** Errors in one form; what is asked for and is not there. To be called before the routes are added. */
function answerFailures(
  server: FastifyInstance,
  {
    sendFailure,
    sendPage,
    logger,
  }: { readonly sendFailure: SendFailure; readonly sendPage: SendPage; readonly logger: Logger },
): void {
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser(MERGE_PATCH, { parseAs: 'string' }, parseJson);
  const allowed = new AllowedMethods();
  server.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) allowed.add(each, url);
  });
  server.setErrorHandler((error: FastifyError | DiptychError, request, reply) => {
    const failure = describeFailure(error);
    if (failure.status >= 500 && failure.code === 'DIPTYCH_E_INTERNAL')
      logger.error({ err: error, url: request.url }, 'request failed');
    const headers = failure.status === 415 && failure.headers === undefined ? acceptedTypes(request.method) : undefined;
    return sendFailure(reply, { ...failure, ...(headers && { headers }) }, request.raw.url);
  });
  server.setNotFoundHandler((request, reply) => {
    const methods = allowed.of(request.url.split('?', 1)[0] ?? '');
    if (request.method === 'OPTIONS' && methods.length > 0) return answerOptions(reply, methods);
    if (methods.length > 0 && !methods.includes(request.method))
      return sendFailure(reply, wrongMethod(request, methods), request.raw.url);
    // A person who opens it in a browser gets a page with a way back.
    const isPage = request.method === 'GET' && request.headers.accept?.includes('text/html') === true;
    if (isPage) return sendPage(reply.code(404));
    return sendFailure(
      reply,
      {
        status: 404,
        code: 'DIPTYCH_E_NOT_FOUND',
        message: `there is no ${request.method} ${shown(request.url.split('?')[0] ?? '')}; /openapi.json lists what there is`,
      },
      request.raw.url,
    );
  });
}

function addRoute(server: FastifyInstance, definition: Route): void {
  const { method, path: url, body, query, answer } = definition;
  server.route({
    method,
    url,
    config: { operation: definition.id },
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
        reply.hijack();
        reply.raw.writeHead(200, { ...SECURITY_HEADERS, ...EVENT_STREAM_HEADERS });
        sendEventStream(reply.raw, result.events);
        return reply;
      }
      reply.code(result.status ?? answer.status);
      if (answer.contentType !== undefined) reply.type(answer.contentType);
      if (result.headers) reply.headers(result.headers);
      return reply.send(result.body);
    },
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

async function addViewer(
  server: FastifyInstance,
  {
    viewerDirectory: directory,
    sendPage,
    hasStream,
    frameAncestors: ancestors,
  }: Pick<HttpServerOptions, 'viewerDirectory' | 'hasStream' | 'frameAncestors'> & { readonly sendPage: SendPage },
): Promise<void> {
  await server.register(fastifyStatic, {
    root: directory,
    prefix: '/assets/',
    index: false,
    cacheControl: false,
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache');
    },
  });
  for (const url of ['/', '/s/:id', '/publish/:id']) {
    server.get<{ Params: { readonly id?: string }; Querystring: { readonly view?: unknown } }>(
      url,
      (request, reply) => {
        const { id } = request.params;
        // The page goes on by itself once there is such a stream.
        if (id !== undefined && !hasStream(id)) reply.code(404);
        // The clean view has nothing to click on; it alone may be framed, by those who are named.
        if (url === '/s/:id' && request.query.view === 'clean' && ancestors.length > 0) {
          reply.header('content-security-policy', `${CONTENT_SECURITY}; frame-ancestors ${ancestors.join(' ')}`);
        }
        return sendPage(reply);
      },
    );
  }
}

const shown = (path: string): string => (path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}...` : path);

/** What a path takes, for those who ask. */
function answerOptions(reply: FastifyReply, methods: readonly string[]): FastifyReply {
  const types = methods.includes('PATCH') ? acceptedTypes('PATCH') : {};
  return reply
    .code(204)
    .headers({ allow: methods.join(', '), ...types })
    .send();
}

/** There is such a path, and no such method of it. */
function wrongMethod({ method }: FastifyRequest, methods: readonly string[]): HttpFailure {
  const allow = methods.join(', ');
  const message = `there is no ${method} here; use one of ${allow}`;
  return { status: 405, code: 'DIPTYCH_E_BAD_INPUT', message, headers: { allow } };
}

type SendFailure = (reply: FastifyReply, failure: HttpFailure, url: string | undefined) => FastifyReply;

const failureSender =
  (pathPrefix: string): SendFailure =>
  (reply, failure, url) => {
    noteFailure(reply.request, failure.code);
    return reply
      .code(failure.status)
      .headers({ ...SECURITY_HEADERS, ...failure.headers })
      .type(PROBLEM_TYPE)
      .send(problemBody(failure, { pathPrefix, url }));
  };

/** Bytes that are no HTTP are answered, so that whoever sent them sees why, and the connection ends. */
function refuseClient(error: Error & { readonly code?: string }, socket: Socket, pathPrefix: string): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const failure = describeClientFailure(error);
  const body = JSON.stringify(problemBody(failure, { pathPrefix }));
  const head = `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? 'Bad Request'}`;
  const headers = `Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\nContent-Type: ${PROBLEM_TYPE}`;
  if (socket.writable) socket.end(`${head}\r\n${headers}\r\n\r\n${body}`);
  else socket.destroy();
}
