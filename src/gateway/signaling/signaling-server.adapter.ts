import { WebSocketServer, type WebSocket } from 'ws';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import { mayUseStream, type Caller } from '../access/caller.js';
import type { HeldAccess } from '../access/held-access.js';
import { statusFor } from '../access/hidden-addresses.js';
import { requireStream } from '../access/role-hook.adapter.js';
import { requireViewerRoom } from '../access/viewer-room.js';
import { audit } from '../audit/audit.js';
import { safeListener } from '../guard/safe-listener.js';
import type { MediaServer } from './media-server.adapter.js';
import { CLOSE_CODES, SUBPROTOCOL, type Push, type StreamSummary } from '../../shared/signaling/protocol.js';
import { PushTexts } from './push-texts.js';
import { SocketHeartbeat } from './socket-heartbeat.adapter.js';
import { SocketRoom } from './socket-room.js';
import type { SocketRoutes } from './socket-routes.adapter.js';
import { followShown, ingressOf, isPulled, type PulledStream, type ShownStream } from './shown-stream.js';
import type { EdgeHosts } from './edge-hosts.js';
import { movedPush, refusalOf, sentTo, type StreamsElsewhere } from './stream-elsewhere.js';
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
  readonly otherViewersOf?: (stream: ShownStream) => number;
  /** Streams of other hosts. @defaultValue there are none */
  readonly elsewhere?: StreamsElsewhere | undefined;
  /** Streams of other hosts that are pulled, and viewers of own streams at other hosts. @defaultValue there are none */
  readonly edges?: EdgeHosts | undefined;
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
        this.#forget(stream, options.elsewhere);
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
    this.#followEdges();
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

  /** WebSockets that are subscribed to a stream and stay: their pages receive it, or are about to. */
  get subscribed(): number {
    return [...this.#sessions.values()].filter(({ isStaying }) => isStaying).length;
  }

  /** Browsers and players that receive a stream from this host, or are about to. */
  viewersOf(stream: ShownStream): number {
    let viewers = this.#options.otherViewersOf?.(stream) ?? 0;
    for (const session of this.#sessionsOf(stream)) if (session.isViewer) viewers++;
    return viewers;
  }

  /** Tells those who watch a stream that another host has it; what plays goes on. */
  tellMoved(streamId: string): void {
    const { registry, elsewhere } = this.#options;
    const stream = registry.find(streamId);
    if (stream && elsewhere) this.#tellMoved(stream, elsewhere);
  }

  /** The status of a stream as API and page show it, with the viewers of all hosts. */
  viewOf(stream: ShownStream): StreamView {
    if (isPulled(stream)) return stream.view;
    const edges = this.#options.edges?.edgesOf(stream.id) ?? [];
    const viewers = edges.reduce((sum, edge) => sum + edge.viewers, this.viewersOf(stream));
    return { id: stream.id, ...stream.status, viewers, ...(edges.length > 0 && { edges }) };
  }

  /** Takes the WebSockets of viewers. */
  attach(routes: SocketRoutes): void {
    routes.add({
      ...{ path: PATH, access: { role: 'view', isFiltered: true }, sockets: this.#sockets },
      admit: ({ caller }) => {
        const full = this.#room.refuse(caller.address);
        if (full) throw full;
      },
      open: (socket, { caller }) => this.#open(socket, caller),
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

  #open(socket: WebSocket, caller: Caller): void {
    const { media, logger, gatewayVersion, limits, held } = this.#options;
    socket.once('close', this.#room.enter(caller.address));
    const session = new ViewerSession(socket, {
      ...{ gatewayVersion, logger, greetingS: limits.greetingS },
      streams: () => this.#summaries(caller),
      getStream: (id, current) => {
        requireStream(caller, id);
        return this.#streamFor(caller, id, current);
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

  /** The stream for one more viewer, here. @throws {@link DiptychError} where another host is to send it, or none has it */
  async #streamFor(caller: Caller, id: string, current: ShownStream | undefined): Promise<ShownStream> {
    const { registry, elsewhere, edges } = this.#options;
    const known = edges?.find(id);
    if (known && known === current) return known;
    const refusal = elsewhere && refusalOf(elsewhere, id, caller);
    if (refusal) {
      const pulled = await edges?.admit(id);
      if (pulled) return pulled;
      throw refusal;
    }
    const stream = registry.get(id);
    const other = current === stream ? undefined : await edges?.hostFor(id);
    if (other && elsewhere) throw sentTo(elsewhere, id, { host: other, caller });
    return stream;
  }

  #follow(stream: ShownStream): void {
    followShown(stream, {
      status: this.#pushing(() => {
        const status = this.viewOf(stream);
        this.#pushTo(stream, { type: 'status', streamId: stream.id, status });
        this.#pushStreams();
      }),
      overlay: this.#pushing((overlay) => this.#pushTo(stream, { type: 'overlay', streamId: stream.id, overlay })),
      event: this.#pushing((event) => this.#pushTo(stream, { type: 'event', streamId: stream.id, event })),
      ingress: this.#pushing(() => {
        const ingress = ingressOf(stream);
        if (ingress) this.#pushTo(stream, { type: 'producers', streamId: stream.id, ...ingress.producers });
      }),
    });
    this.#pushStreams();
  }

  /** Streams of other hosts come and go with their viewers. */
  #followEdges(): void {
    const { edges, elsewhere } = this.#options;
    if (!edges || !elsewhere) return;
    const next: StreamsElsewhere = { ...elsewhere, placeOf: (id) => edges.nextOf(id) };
    const follow = this.#pushing((stream: PulledStream) => this.#follow(stream));
    const leave = this.#pushing((stream: PulledStream) => this.#tellMoved(stream, next));
    const forget = this.#pushing((stream: PulledStream) => this.#forget(stream, next));
    edges.on('added', follow).on('leaving', leave).on('removed', forget);
  }

  #tellMoved(stream: ShownStream, elsewhere: StreamsElsewhere): void {
    for (const session of this.#sessionsOf(stream)) {
      const moved = movedPush(elsewhere, stream.id, this.#callers.get(session));
      if (moved) session.push(moved);
    }
  }

  #forget(stream: ShownStream, elsewhere: StreamsElsewhere | undefined): void {
    for (const session of this.#sessionsOf(stream)) {
      session.forgetStream(elsewhere && movedPush(elsewhere, stream.id, this.#callers.get(session)));
    }
  }

  /** An emitter must not fail because a push to a viewer failed. */
  #pushing<Arguments extends readonly unknown[]>(listener: (...args: Arguments) => void): (...args: Arguments) => void {
    return safeListener(this.#options.logger, 'telling the viewers', listener);
  }

  #pushTo(stream: ShownStream, message: Push): void {
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

  /** Viewers of all streams that this host sends pictures to. */
  get allViewers(): number {
    const { registry, edges } = this.#options;
    const shown = [...registry.list(), ...(edges?.list() ?? [])];
    return shown.reduce((sum, each) => sum + this.viewersOf(each), 0);
  }

  #admitViewer(stream: ShownStream | undefined): void {
    const ofStream = stream ? this.viewersOf(stream) : 0;
    requireViewerRoom(this.#options.limits, { all: this.allViewers, ofStream });
  }

  *#sessionsOf(stream: ShownStream): Generator<ViewerSession> {
    for (const session of this.#sessions.values()) if (session.stream === stream) yield session;
  }

  #closeAll(code: number, reason: string): void {
    for (const session of this.#sessions.values()) session.close(code, reason);
  }
}
