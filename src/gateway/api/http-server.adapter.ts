import { STATUS_CODES, type Server } from 'node:http';
import type { Socket } from 'node:net';
import fastify, {
  type FastifyError,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { belowPrefix } from '../../shared/config/base-path.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { HeldAccess } from '../access/held-access.js';
import { guardRoutes } from '../access/role-hook.adapter.js';
import type { AccessGate } from '../access/access-gate.adapter.js';
import type { Doorkeeper } from '../access/doorkeeper.js';
import { limitRate } from '../access/request-rate.adapter.js';
import { auditChanges, noteFailure } from '../audit/audit-hook.adapter.js';
import { addRoute } from './add-route.adapter.js';
import { AllowedMethods } from './allowed-methods.js';
import { describeClientFailure, describeFailure, problemBody, PROBLEM_TYPE, type HttpFailure } from './http-errors.js';
import { acceptedTypes, MERGE_PATCH } from './body-types.js';
import { allowOrigins } from './cross-origin.adapter.js';
import { limitPressure } from './pressure-limit.adapter.js';
import type { Route } from './route.js';
import { addSecurityHeaders } from './security-headers.adapter.js';
import { createTlsServer, type TlsFiles } from './tls-files.adapter.js';
import { addViewer } from './viewer-routes.adapter.js';
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
  /** Called with each request once it is known who sent it; may answer it. @defaultValue nothing */
  readonly beforeHandler?: ((request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) | undefined;
  /** Origins of the pages of other hosts of the cluster, as they are now. @defaultValue none */
  readonly hostOrigins?: (() => readonly string[]) | undefined;
  /** Origins of pages that may use everything: those, and of hosts that have gone. @defaultValue none */
  readonly pageOrigins?: (() => readonly string[]) | undefined;
  /** Decides which requests are let in. */
  readonly doorkeeper: Doorkeeper;
  /** Before every path, as people see it; empty without one. What comes without it is answered as well. */
  readonly pathPrefix: string;
  /** Origins of other pages whose scripts may use WHIP and WHEP; `*`: every page. */
  readonly allowedOrigins: readonly string[];
  /** Origins of pages that may hold the clean view in a frame; `*`: every page. */
  readonly frameAncestors: readonly string[];
  /** Sizes, times and rates of requests. */
  readonly limits: LimitsConfig;
  /** Finds out who sends requests. */
  readonly gate: AccessGate;
  /** What goes on for callers ends with what they may do. */
  readonly held: HeldAccess;
  /** Addresses and networks of proxies whose headers `X-Forwarded-…` are believed; none by default. */
  readonly trustProxy: readonly string[];
  /** Makes HTTPS of HTTP; absent for HTTP. */
  readonly tls?: TlsFiles | undefined;
  /** Receives each request at level `debug`, and failures at `error`. */
  readonly logger: Logger;
}

const KIB = 1024;
/** How often Node looks whether a request takes too long, ms. */
const TIMEOUT_CHECK_MS = 1000;
/** Characters of a path in a message. */
const MAX_SHOWN = 100;

/** HTTP for people and programs: the routes, the viewer page, errors in one form. Not yet listening. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { routes, endpoints, viewerDirectory, pathPrefix, gate, logger } = options;
  const sendFailure = failureSender(pathPrefix);
  const server = createFastify(options, sendFailure);
  // A form of another site can send text/plain without a preflight request, but not JSON.
  server.removeContentTypeParser('text/plain');
  allowOrigins(server, options.allowedOrigins, options.pageOrigins);
  await addSecurityHeaders(server, options.hostOrigins);
  await limitPressure(server);
  server.addHook('onRequest', doorkeeperHook(options.doorkeeper));
  await limitRate(server, options.limits);
  gate.attach(server);
  await guardRoutes(server, gate);
  server.addHook('onResponse', async ({ method, url, caller }, reply) => {
    const ms = Math.round(reply.elapsedTime);
    logger.debug({ method, url: withoutToken(url), status: reply.statusCode, caller: caller.name, ms }, 'request');
  });
  auditChanges(server, logger);
  if (options.beforeHandler) server.addHook('preHandler', options.beforeHandler);
  const sendPage = await readViewerPage(viewerDirectory, pathPrefix);
  answerFailures(server, { sendFailure, sendPage, logger });
  for (const definition of routes) addRoute(server, definition, options);
  for (const endpoint of endpoints) await server.register(endpoint);
  await addViewer(server, { ...options, sendPage });
  return server;
}

function createFastify(
  { pathPrefix, trustProxy, tls, limits, logger }: HttpServerOptions,
  sendFailure: SendFailure,
): FastifyInstance {
  const serverLimits = {
    // Node's own answer to a request without Host has no body; ours is below.
    requireHostHeader: false,
    maxHeaderSize: limits.headerKb * KIB,
    headersTimeout: Math.min(limits.headersS, limits.requestS) * 1000,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const options: FastifyHttpOptions<Server> = {
    bodyLimit: limits.bodyKb * KIB,
    requestTimeout: limits.requestS * 1000,
    keepAliveTimeout: limits.keepAliveS * 1000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
    trustProxy: trustProxy.length > 0 && [...trustProxy],
    ...(tls
      ? { serverFactory: (listener) => createTlsServer({ ...tls, limits: serverLimits }, listener, logger) }
      : { http: serverLimits }),
    rewriteUrl: ({ url = '/' }) => belowPrefix(url, pathPrefix),
    frameworkErrors: (error, request, reply) =>
      void sendFailure(reply.headers(PLAIN_HEADERS), describeFailure(error), request.raw.url),
    clientErrorHandler: (error, socket) => refuseClient(error, socket, pathPrefix),
  };
  const server = fastify(options);
  server.server.maxConnections = limits.connections;
  return server;
}

/** Refuses what a page of another site made a browser send. */
const doorkeeperHook =
  (doorkeeper: Doorkeeper) =>
  (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { host, origin, upgrade } = request.headers;
    if (host === undefined && request.raw.httpVersion === '1.1') {
      done(new DiptychError('DIPTYCH_E_BAD_INPUT', 'the header Host is missing; HTTP/1.1 asks for it'));
      return;
    }
    // Behind a trusted proxy the name that the browser asked for; a WebSocket changes things, although it is a GET.
    const isSocket = upgrade?.toLowerCase() === 'websocket';
    const refusal = doorkeeper.refuse({ host: host && request.host, origin }, isSocket ? undefined : request.method);
    done(refusal === undefined ? undefined : new DiptychError('DIPTYCH_E_FORBIDDEN', refusal));
  };

/** Answers that no hook has seen. */
const PLAIN_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

const withoutToken = (url: string): string => url.replace(/([?&]token=)[^&]*/g, '$1***');

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
      .headers(failure.headers ?? {})
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
