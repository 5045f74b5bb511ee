import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { belowPrefix } from '../../shared/config/base-path.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { OverlayFrame, StreamEvent } from '../../shared/ipc/messages.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import { anyone, type Caller } from '../access/caller.js';
import { requireViewerRoom } from '../access/viewer-room.js';
import { describeFailure, problemBody, PROBLEM_TYPE, type HttpFailure } from '../api/http-errors.js';
import { audit } from '../audit/audit.js';
import { safeListener } from '../guard/safe-listener.js';
import { MediaIngress } from './media-ingress.adapter.js';
import type { MediaServer } from './media-server.adapter.js';
import type { Doorkeeper } from '../access/doorkeeper.js';
import { requestPath } from './request-path.js';
import { CLOSE_CODES, type Push, type StreamSummary } from '../../shared/signaling/protocol.js';
import { SocketRoom } from './socket-room.js';
import { ViewerSession } from './viewer-session.adapter.js';

/** What the signalling of a gateway works on. */
export interface SignalingServerOptions {
  /** Streams that can be subscribed to; its events are pushed to clients. */
  readonly registry: StreamRegistry;
  /** Creates transports; when it was replaced, all clients are asked to connect again. */
  readonly media: MediaServer;
  /** Told to clients in the answer to `hello`. */
  readonly gatewayVersion: string;
  /** Decides which pages may connect. */
  readonly doorkeeper: Doorkeeper;
  /** Before every path, as people see it; empty without one. @defaultValue none */
  readonly pathPrefix?: string;
  /** Viewers of a stream that do not come over a WebSocket. @defaultValue none */
  readonly otherViewersOf?: (stream: ManagedStream) => number;
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
  readonly #heartbeat: NodeJS.Timeout;
  readonly #alive = new WeakSet<WebSocket>();
  #lastSummary = '';

  constructor(options: SignalingServerOptions) {
    this.#options = options;
    const { registry, media, pingIntervalS = 10, limits } = options;
    this.#room = new SocketRoom(limits);
    const maxPayload = limits.messageKb * KIB;
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
    this.#heartbeat = setInterval(
      safeListener(options.logger, 'the heartbeat of the WebSockets', () => this.#checkHeartbeats()),
      pingIntervalS * 1000,
    );
    for (const stream of registry.list()) this.#follow(stream);
    registry.on(
      'added',
      this.#pushing((stream: ManagedStream) => this.#follow(stream)),
    );
    registry.on(
      'removed',
      this.#pushing((stream: ManagedStream) => {
        for (const session of this.#sessionsOf(stream)) session.forgetStream();
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

  /** The status of a stream as API and page show it. */
  viewOf(stream: ManagedStream): StreamView {
    return { id: stream.id, ...stream.status, viewers: this.viewersOf(stream) };
  }

  /** Takes the WebSocket requests of an HTTP server. */
  attach(server: Server): void {
    server.on(
      'upgrade',
      safeListener(
        this.#options.logger,
        'a WebSocket request',
        (request: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(request, socket, head),
        (_request, socket) => socket.destroy(),
      ),
    );
  }

  /** Closes every connection with a close code, and cuts off those that do not answer. Idempotent. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#closeAll(CLOSE_CODES.goingAway, 'the gateway ends');
    this.#sockets.close();
    setTimeout(() => {
      for (const socket of this.#sessions.keys()) socket.terminate();
    }, 200).unref();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { origin, host } = request.headers;
    const { pathPrefix = '' } = this.#options;
    const refusal = this.#options.doorkeeper.refuse({ origin, host });
    if (requestPath(belowPrefix(request.url ?? '', pathPrefix)) !== PATH) {
      refuse(socket, { status: 404, code: 'DIPTYCH_E_NOT_FOUND', message: 'the WebSocket is at /ws' }, pathPrefix);
    } else if (refusal !== undefined) {
      this.#options.logger.warn({ origin, host }, `WebSocket refused: ${refusal}`);
      refuse(socket, { status: 403, code: 'DIPTYCH_E_FORBIDDEN', message: refusal }, pathPrefix);
    } else {
      const caller = anyone(request.socket.remoteAddress ?? '');
      const full = this.#room.refuse(caller.address);
      if (full) refuse(socket, describeFailure(full), pathPrefix);
      else this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, caller));
    }
  }

  #open(socket: WebSocket, caller: Caller): void {
    const { media, registry, logger, gatewayVersion, limits } = this.#options;
    socket.once('close', this.#room.enter(caller.address));
    const session = new ViewerSession(socket, {
      ...{ gatewayVersion, logger, greetingS: limits.greetingS },
      streams: () => this.#summaries(),
      getStream: (id) => registry.get(id),
      view: (stream) => this.viewOf(stream),
      ingressOf,
      routerCapabilities: () => media.router.rtpCapabilities,
      canConsume: (producerId, rtpCapabilities) => media.router.canConsume({ producerId, rtpCapabilities }),
      openTransport: () => media.openTransport(),
      admitViewer: (stream) => this.#admitViewer(stream),
      audit: (operation, stream, code) => audit(logger, { caller, operation: `ws ${operation}`, stream, code }),
    });
    this.#sessions.set(socket, session);
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    socket.on('close', () => this.#sessions.delete(socket));
  }

  #follow(stream: ManagedStream): void {
    stream.on(
      'status',
      this.#pushing(() => {
        this.#pushTo(stream, { type: 'status', streamId: stream.id, status: this.viewOf(stream) });
        this.#pushStreams();
      }),
    );
    stream.on(
      'overlay',
      this.#pushing((overlay: OverlayFrame) =>
        this.#pushTo(stream, { type: 'overlay', streamId: stream.id, overlay }, true),
      ),
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

  #pushTo(stream: ManagedStream, message: Push, isDroppable = false): void {
    let text: string | undefined;
    for (const session of this.#sessionsOf(stream)) {
      text ??= JSON.stringify(message);
      session.sendText(text, isDroppable);
    }
  }

  #pushStreams(): void {
    const text = JSON.stringify({ type: 'streams', streams: this.#summaries() } satisfies Push);
    if (text === this.#lastSummary) return;
    this.#lastSummary = text;
    for (const session of this.#sessions.values()) if (session.hasGreeted) session.sendText(text);
  }

  #summaries(): StreamSummary[] {
    return this.#options.registry.list().map(({ id, status }) => ({ id, state: status.state }));
  }

  #admitViewer(stream: ManagedStream | undefined): void {
    const { limits, registry } = this.#options;
    const all = registry.list().reduce((sum, each) => sum + this.viewersOf(each), 0);
    requireViewerRoom(limits, { all, ofStream: stream ? this.viewersOf(stream) : 0 });
  }

  *#sessionsOf(stream: ManagedStream): Generator<ViewerSession> {
    for (const session of this.#sessions.values()) if (session.stream === stream) yield session;
  }

  #checkHeartbeats(): void {
    for (const socket of this.#sessions.keys()) {
      if (this.#alive.delete(socket)) socket.ping();
      else socket.terminate();
    }
  }

  #closeAll(code: number, reason: string): void {
    for (const session of this.#sessions.values()) session.close(code, reason);
  }
}

function ingressOf({ ingress }: ManagedStream): MediaIngress | undefined {
  return ingress instanceof MediaIngress && !ingress.isClosed ? ingress : undefined;
}

function refuse(socket: Duplex, failure: HttpFailure, pathPrefix: string): void {
  const body = JSON.stringify(problemBody(failure, { pathPrefix }));
  const head = `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? ''}`;
  const type = `Content-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n${type}\r\n\r\n${body}`);
}
