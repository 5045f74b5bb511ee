import { ServerResponse, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { OverlayFrame, StreamEvent } from '../../shared/ipc/messages.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import { mayUseStream, type Caller } from '../access/caller.js';
import type { HeldAccess } from '../access/held-access.js';
import { statusFor } from '../access/hidden-addresses.js';
import { requireStream } from '../access/role-hook.adapter.js';
import { requireViewerRoom } from '../access/viewer-room.js';
import { RefusedRequest } from '../api/refused-request.js';
import { audit } from '../audit/audit.js';
import { safeListener } from '../guard/safe-listener.js';
import { MediaIngress } from './media-ingress.adapter.js';
import type { MediaServer } from './media-server.adapter.js';
import { CLOSE_CODES, SUBPROTOCOL, type Push, type StreamSummary } from '../../shared/signaling/protocol.js';
import { PushTexts } from './push-texts.js';
import { SocketHeartbeat } from './socket-heartbeat.adapter.js';
import { SocketRoom } from './socket-room.js';
import { movedPush, refusalOf, type StreamsElsewhere } from './stream-elsewhere.js';
import { ViewerSession } from './viewer-session.adapter.js';

/** What the signalling of a gateway works on. */
export interface SignalingServerOptions {
  /** Streams that can be subscribed to; its events are pushed to clients. */
  readonly registry: StreamRegistry;
  /** Creates transports; when it was replaced, all clients are asked to connect again. */
  readonly media: MediaServer;
  /** Told to clients in the answer to `hello`. */
  readonly gatewayVersion: string;
  /** Connections end with what their callers may do. */
  readonly held: HeldAccess;
  /** Viewers of a stream that do not come over a WebSocket. @defaultValue none */
  readonly otherViewersOf?: (stream: ManagedStream) => number;
  /** Streams of other hosts. @defaultValue there are none */
  readonly elsewhere?: StreamsElsewhere | undefined;
  /** Receives failures of clients and of listeners. */
  readonly logger: Logger;
  /**
   * A client that has not answered the ping before is cut off, s; higher tolerates longer gaps in the
   * network, lower notices lost clients sooner. @defaultValue 10
   */
  readonly pingIntervalS?: number;
  /** How many there may be of what. */
  readonly limits: LimitsConfig;
}

const PATH = '/ws';
const KIB = 1024;

/** The WebSocket side of the gateway: which client is subscribed to which stream, and what is pushed to it. */
export class SignalingServer {
  readonly #options: SignalingServerOptions;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Map<WebSocket, ViewerSession>();
  readonly #room: SocketRoom;
  readonly #heartbeat: SocketHeartbeat;
  readonly #callers = new WeakMap<ViewerSession, Caller>();
  readonly #upgrades = new WeakMap<IncomingMessage, { readonly socket: Socket; readonly head: Buffer }>();
  #lastSummary = '';

  constructor(options: SignalingServerOptions) {
    this.#options = options;
    const { registry, media, pingIntervalS = 10, limits } = options;
    this.#room = new SocketRoom(limits);
    this.#sockets = new WebSocketServer({
      ...{ noServer: true, maxPayload: limits.messageKb * KIB, perMessageDeflate: false },
      // The other subprotocol that a page may ask for is its token.
      handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    this.#heartbeat = new SocketHeartbeat(pingIntervalS, options.logger);
    for (const stream of registry.list()) this.#follow(stream);
    registry.on(
      'added',
      this.#pushing((stream: ManagedStream) => this.#follow(stream)),
    );
    registry.on(
      'removed',
      this.#pushing((stream: ManagedStream) => {
        for (const session of this.#sessionsOf(stream)) {
          session.forgetStream(
            options.elsewhere && movedPush(options.elsewhere, stream.id, this.#callers.get(session)),
          );
        }
        this.#pushStreams();
      }),
    );
    registry.on(
      'renamed',
      this.#pushing((stream: ManagedStream, streamId: string) => {
        this.#pushTo(stream, { type: 'renamed', streamId, to: stream.id });
        this.#pushStreams();
      }),
    );
    // Only now: those who connect again at once find a media server.
    media.on(
      'up',
      this.#pushing(() => this.#closeAll(CLOSE_CODES.restart, 'the media server is restarted')),
    );
  }

  /** Open WebSockets. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Browsers and players that receive a stream, or are about to. */
  viewersOf(stream: ManagedStream): number {
    let viewers = this.#options.otherViewersOf?.(stream) ?? 0;
    for (const session of this.#sessionsOf(stream)) if (session.isViewer) viewers++;
    return viewers;
  }

  /** Tells those who watch a stream that another host has it; what plays goes on. */
  tellMoved(streamId: string): void {
    const { registry, elsewhere } = this.#options;
    const stream = registry.find(streamId);
    if (!stream || !elsewhere) return;
    for (const session of this.#sessionsOf(stream)) {
      const moved = movedPush(elsewhere, streamId, this.#callers.get(session));
      if (moved) session.push(moved);
    }
  }

  /** The status of a stream as API and page show it. */
  viewOf(stream: ManagedStream): StreamView {
    return { id: stream.id, ...stream.status, viewers: this.viewersOf(stream) };
  }

  /**
   * Takes the WebSocket requests of an HTTP server. They go through its hooks as every request does, so that they are
   * let in or refused as every request is.
   */
  attach(server: FastifyInstance): void {
    server.server.on(
      'upgrade',
      safeListener(
        this.#options.logger,
        'a WebSocket request',
        (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(server, request, socket, head),
        (_request, socket) => socket.destroy(),
      ),
    );
    server.get(PATH, { config: { access: { role: 'view', isFiltered: true } } }, (request, reply) => {
      const upgrade = this.#upgrades.get(request.raw);
      if (!upgrade) {
        throw new RefusedRequest('here is a WebSocket; ask for it with Upgrade: websocket', {
          status: 426,
          headers: { upgrade: 'websocket' },
        });
      }
      const full = this.#room.refuse(request.caller.address);
      if (full) throw full;
      reply.hijack();
      reply.raw.detachSocket(upgrade.socket);
      this.#sockets.handleUpgrade(request.raw, upgrade.socket, upgrade.head, (webSocket) => {
        this.#open(webSocket, request.caller);
      });
    });
  }

  /** Closes every connection with a close code, and cuts off those that do not answer. Idempotent. */
  close(): void {
    this.#heartbeat.close();
    this.#closeAll(CLOSE_CODES.goingAway, 'the gateway ends');
    this.#sockets.close();
    setTimeout(() => {
      for (const socket of this.#sessions.keys()) socket.terminate();
    }, 200).unref();
  }

  #upgrade(server: FastifyInstance, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    // What follows the request is no body any more: only what needs none can be answered.
    if (request.method !== 'GET' || !(socket instanceof Socket)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#upgrades.set(request, { socket, head });
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    server.routing(request, response);
  }

  #open(socket: WebSocket, caller: Caller): void {
    const { media, registry, logger, gatewayVersion, limits, held, elsewhere } = this.#options;
    socket.once('close', this.#room.enter(caller.address));
    const session = new ViewerSession(socket, {
      ...{ gatewayVersion, logger, greetingS: limits.greetingS },
      streams: () => this.#summaries(caller),
      getStream: (id) => {
        requireStream(caller, id);
        const refusal = elsewhere && refusalOf(elsewhere, id, caller);
        if (refusal) throw refusal;
        return registry.get(id);
      },
      view: (stream) => statusFor(caller, this.viewOf(stream)),
      ingressOf,
      routerCapabilities: () => media.router.rtpCapabilities,
      canConsume: (producerId, rtpCapabilities) => media.router.canConsume({ producerId, rtpCapabilities }),
      openTransport: () => media.openTransport(),
      admitViewer: (stream) => this.#admitViewer(stream),
      audit: (operation, stream, code) => audit(logger, { caller, operation: `ws ${operation}`, stream, code }),
    });
    this.#sessions.set(socket, session);
    this.#heartbeat.add(socket);
    this.#callers.set(session, caller);
    const release = held.hold(caller, () =>
      session.close(CLOSE_CODES.signedOut, 'the session has ended; sign in again'),
    );
    socket.on('close', () => {
      release();
      this.#sessions.delete(socket);
    });
  }

  #follow(stream: ManagedStream): void {
    stream.on(
      'status',
      this.#pushing(() => {
        const status = this.viewOf(stream);
        this.#pushTo(stream, { type: 'status', streamId: stream.id, status });
        this.#pushStreams();
      }),
    );
    stream.on(
      'overlay',
      this.#pushing((overlay: OverlayFrame) => this.#pushTo(stream, { type: 'overlay', streamId: stream.id, overlay })),
    );
    stream.on(
      'event',
      this.#pushing((event: StreamEvent) => this.#pushTo(stream, { type: 'event', streamId: stream.id, event })),
    );
    stream.on(
      'ingress',
      this.#pushing(() => {
        const ingress = ingressOf(stream);
        if (ingress) this.#pushTo(stream, { type: 'producers', streamId: stream.id, ...ingress.producers });
      }),
    );
    this.#pushStreams();
  }

  /** An emitter must not fail because a push to a viewer failed. */
  #pushing<Arguments extends readonly unknown[]>(listener: (...args: Arguments) => void): (...args: Arguments) => void {
    return safeListener(this.#options.logger, 'telling the viewers', listener);
  }

  #pushTo(stream: ManagedStream, message: Push): void {
    const texts = new PushTexts(message);
    for (const session of this.#sessionsOf(stream)) {
      session.sendText(texts.for(this.#callers.get(session)), message.type === 'overlay');
    }
  }

  #pushStreams(): void {
    const text = JSON.stringify({ type: 'streams', streams: this.#summaries() } satisfies Push);
    if (text === this.#lastSummary) return;
    this.#lastSummary = text;
    for (const session of this.#sessions.values()) {
      if (!session.hasGreeted) continue;
      const caller = this.#callers.get(session);
      if (caller?.streams === undefined) session.sendText(text);
      else session.push({ type: 'streams', streams: this.#summaries(caller) });
    }
  }

  /** Those that a caller may see; all without one. */
  #summaries(caller?: Caller): StreamSummary[] {
    const streams = this.#options.registry.list().filter(({ id }) => !caller || mayUseStream(caller, id));
    return streams.map(({ id, status }) => ({ id, state: status.state }));
  }

  #admitViewer(stream: ManagedStream | undefined): void {
    const { limits, registry } = this.#options;
    const all = registry.list().reduce((sum, each) => sum + this.viewersOf(each), 0);
    requireViewerRoom(limits, { all, ofStream: stream ? this.viewersOf(stream) : 0 });
  }

  *#sessionsOf(stream: ManagedStream): Generator<ViewerSession> {
    for (const session of this.#sessions.values()) if (session.stream === stream) yield session;
  }

  #closeAll(code: number, reason: string): void {
    for (const session of this.#sessions.values()) session.close(code, reason);
  }
}

function ingressOf({ ingress }: ManagedStream): MediaIngress | undefined {
  return ingress instanceof MediaIngress && !ingress.isClosed ? ingress : undefined;
}
