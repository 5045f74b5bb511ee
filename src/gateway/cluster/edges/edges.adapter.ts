import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { EdgeViewers, HostAddress } from '../../../shared/domain/host-address.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { StreamView } from '../../../shared/domain/stream-status.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { Route } from '../../api/route.js';
import type { EdgeEvents, EdgeHosts } from '../../signaling/edge-hosts.js';
import type { MediaServer } from '../../signaling/media-server.adapter.js';
import type { PulledStream } from '../../signaling/shown-stream.js';
import { SocketHeartbeat } from '../../signaling/socket-heartbeat.adapter.js';
import type { ManagedStream } from '../../streams/managed-stream.adapter.js';
import type { ClusterView } from '../cluster-view.js';
import type { PeerRequests } from '../peer-requests.adapter.js';
import type { SealedText } from '../sealed-text.adapter.js';
import type { StreamPlace } from '../stream-place.js';
import { edgeRoutes, requireHost, type EdgeRoutesContext } from './edge-routes.js';
import { EdgeStream, type RunsAt } from './edge-stream.adapter.js';
import type { HostViewers } from './host-viewers.js';
import { ExpectedViewers } from './expected-viewers.js';
import { PipePuller } from './pipe-puller.adapter.js';
import { PipeSender } from './pipe-sender.adapter.js';
import { ViewerPlacer } from './viewer-placer.adapter.js';

/** What the gateway gives edges to work with. */
export interface EdgeParts {
  /** Opens transports. */
  readonly media: MediaServer;
  /** Viewers that this host sends pictures to, or is about to, of all streams. */
  readonly load: () => number;
  /** Viewers that receive a stream from this host. */
  readonly viewersOf: (stream: PulledStream) => number;
  /** How many more viewers of a stream `limits` let in. @param ofStream - it is pulled; absent where it is not yet */
  readonly room: (ofStream: PulledStream | undefined) => number;
  /** The status of a stream that runs here, as the API shows it to those who may see everything. */
  readonly viewOf: (stream: ManagedStream) => StreamView;
  /** A host that shows this; absent where it is none. */
  readonly hostOf: EdgeRoutesContext['hostOf'];
}

/** What {@link Edges} work with. */
export interface EdgesOptions extends EdgeParts {
  /** `cluster.viewersPerHost`; absent: this host sends streams of others to nobody, and its own to everybody. */
  readonly viewersPerHost: number | undefined;
  /** The cluster as it is known here. */
  readonly view: ClusterView;
  /** This host. */
  readonly hostId: string;
  /** A stream that runs here, or is being ended. */
  readonly find: (streamId: string) => ManagedStream | undefined;
  /** Where a stream is that does not run here. */
  readonly placeOf: (streamId: string) => StreamPlace | undefined;
  /** Asks other hosts. */
  readonly requests: PeerRequests;
  /** Encrypts the keys of the media. */
  readonly sealed: SealedText;
  /** Told what is pulled and sent. */
  readonly logger: Logger;
}

/** What another host wants to pull. */
export interface PipeWish {
  /** It runs here. */
  readonly stream: ManagedStream;
  /** Name of the host. */
  readonly host: string;
}

/** Viewers have so long to go to another host, ms. */
const LINGER_MS = 3000;
const HEARTBEAT_S = 2;

/** Streams that this host pulls for viewers of its own, and hosts that pull the streams that run here. */
export class Edges extends EventEmitter<EdgeEvents> implements EdgeHosts {
  /** Of the API. */
  readonly routes: readonly Route[];
  readonly #options: EdgesOptions;
  readonly #streams = new Map<string, EdgeStream>();
  readonly #leaving = new Set<EdgeStream>();
  readonly #expected = new ExpectedViewers();
  readonly #senders = new Set<PipeSender>();
  readonly #placer: ViewerPlacer | undefined;
  readonly #heartbeat: SocketHeartbeat;
  #isClosed = false;

  constructor(options: EdgesOptions) {
    super();
    this.#options = options;
    const { viewersPerHost, load, hostOf, logger } = options;
    this.#heartbeat = new SocketHeartbeat(HEARTBEAT_S, logger);
    const pullersOf = (id: string): ReadonlySet<string> => new Set(this.edgesOf(id).map(({ host }) => host));
    this.#placer =
      viewersPerHost === undefined ? undefined : new ViewerPlacer({ ...options, viewersPerHost, load, pullersOf });
    this.routes = edgeRoutes({
      describe: () => this.describe(),
      take: (offer) => this.#take(offer),
      hostOf,
    });
  }

  /** As {@link EdgeHosts.find}. */
  find(streamId: string): EdgeStream | undefined {
    return this.#streams.get(streamId);
  }

  /** Every stream that is pulled, those that are being given up included. */
  list(): readonly PulledStream[] {
    return [...this.#streams.values(), ...this.#leaving];
  }

  /** As {@link EdgeHosts.admit}. */
  async admit(streamId: string): Promise<PulledStream | undefined> {
    const { viewersPerHost = 0 } = this.#options;
    const nowMs = performance.now();
    const isExpected = this.#expected.arrive(streamId, nowMs);
    const known = this.#streams.get(streamId);
    const hasRoom = isExpected || (known !== undefined && this.#load(nowMs) < viewersPerHost);
    if (!hasRoom || !this.#mayPull(streamId)) return undefined;
    const stream = known ?? this.#add(streamId);
    if (await stream.ready()) return stream;
    throw new DiptychError('DIPTYCH_E_NOT_READY', `"${streamId}" does not come from its host; try again in a moment`);
  }

  /** As {@link EdgeHosts.hostFor}. */
  async hostFor(streamId: string): Promise<HostAddress | undefined> {
    return this.#placer?.hostFor(streamId);
  }

  /**
   * Where a player goes that sends a request of WHEP: `here` where this host pulls the stream for it, another host where
   * that one is to send it; absent: as every other request.
   */
  async playerPlace(streamId: string, method: string): Promise<'here' | HostAddress | undefined> {
    const isElsewhere = this.#options.placeOf(streamId) !== undefined;
    if (method !== 'POST') return isElsewhere && this.find(streamId) ? 'here' : undefined;
    if (isElsewhere) return (await this.admit(streamId)) && 'here';
    return this.#options.find(streamId) && this.hostFor(streamId);
  }

  /** As {@link EdgeHosts.nextOf}. */
  nextOf(streamId: string): ReturnType<EdgeHosts['nextOf']> {
    const { find, placeOf, view, hostId } = this.#options;
    const place = placeOf(streamId);
    if (place || !find(streamId)) return place;
    const { url = '' } = view.hosts.get(hostId) ?? {};
    return { host: hostId, url };
  }

  /** As {@link EdgeHosts.edgesOf}. */
  edgesOf(streamId: string): readonly EdgeViewers[] {
    const { hosts } = this.#options.view;
    return [...this.#senders]
      .filter(({ stream }) => stream.id === streamId)
      .map(({ host, viewers }) => ({ host, url: hosts.get(host)?.url ?? '', viewers }))
      .sort((one, other) => (one.host < other.host ? -1 : 1));
  }

  /** Pipes to other hosts. */
  get senderCount(): number {
    return this.#senders.size;
  }

  /** How many viewers there are here, for other hosts. */
  describe(): HostViewers {
    const { hostId, viewersPerHost, viewersOf } = this.#options;
    return {
      host: hostId,
      viewers: this.#load(performance.now()),
      ...(viewersPerHost !== undefined && { viewersPerHost }),
      isDraining: this.#isDraining,
      pulls: this.list().map((stream) => {
        const place = this.nextOf(stream.id);
        return { stream: stream.id, ...(place && 'host' in place && { from: place.host }), viewers: viewersOf(stream) };
      }),
    };
  }

  /** What a request is for. @throws {@link DiptychError} unless it is of a host of the cluster, for a stream that runs here */
  puller({ headers, params }: Pick<FastifyRequest, 'headers' | 'params'>): PipeWish {
    const { find, placeOf, hostId, hostOf } = this.#options;
    const host = requireHost(hostOf, headers.authorization);
    const { stream: streamId = '' } = params as { readonly stream?: string };
    const stream = placeOf(streamId) ? undefined : find(streamId);
    if (stream && !this.#isClosed) return { stream, host };
    throw new DiptychError('DIPTYCH_E_NOT_READY', `${hostId} does not run "${streamId}" now`);
  }

  /** Another host pulls a stream that runs here. @param place - the connection below `socket` */
  send(socket: WebSocket, place: Socket, { stream, host }: PipeWish): void {
    const { logger } = this.#options;
    const sender = new PipeSender(socket, place, { ...this.#options, stream, host });
    this.#senders.add(sender);
    this.#heartbeat.add(socket);
    logger.info({ stream: stream.id, to: host }, 'another host pulls a stream');
    socket.once('close', () => {
      this.#senders.delete(sender);
      logger.info({ stream: stream.id, to: host }, 'another host pulls a stream no more');
    });
  }

  /** Pulls and sends nothing more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#heartbeat.close();
    for (const stream of [...this.#streams.values(), ...this.#leaving]) this.#remove(stream);
    for (const sender of this.#senders) sender.close();
  }

  get #isDraining(): boolean {
    const { view, hostId } = this.#options;
    return view.draining.has(hostId) || this.#isClosed;
  }

  #load(nowMs: number): number {
    return this.#options.load() + this.#expected.all(nowMs);
  }

  #mayPull(streamId: string): boolean {
    const { viewersPerHost, placeOf, view } = this.#options;
    if (viewersPerHost === undefined || this.#isDraining || !view.streams.has(streamId)) return false;
    return this.#streams.has(streamId) || 'url' in (placeOf(streamId) ?? {});
  }

  #take({ stream, count, mayExceed }: Parameters<EdgeRoutesContext['take']>[0]): number {
    const { viewersPerHost = 0, room, logger } = this.#options;
    if (!this.#mayPull(stream)) return 0;
    const nowMs = performance.now();
    const known = this.#streams.get(stream);
    const allowed = room(known) - this.#expected.all(nowMs);
    const left = mayExceed ? allowed : Math.min(allowed, viewersPerHost - this.#load(nowMs));
    const taken = Math.max(0, Math.min(count, left));
    if (taken === 0) return 0;
    this.#expected.expect(stream, taken, nowMs);
    if (!known) {
      logger.info({ stream, viewers: taken }, 'this host pulls a stream for viewers of another one');
      this.#add(stream);
    }
    return taken;
  }

  #add(streamId: string): EdgeStream {
    const { viewersOf, logger } = this.#options;
    const stream: EdgeStream = new EdgeStream({
      ...{ streamId, logger, place: () => this.#placeOf(streamId), isLeaving: () => this.#isDraining },
      pull: (from) => new PipePuller({ ...this.#options, from, streamId }),
      viewers: () => viewersOf(stream),
      expected: () => this.#expected.of(streamId, performance.now()),
      onEnd: (cause) => this.#end(stream, cause),
    });
    this.#streams.set(streamId, stream);
    stream.start();
    this.emit('added', stream);
    return stream;
  }

  /** Viewers go elsewhere, and have a moment for it. */
  #end(stream: EdgeStream, cause: 'unused' | 'leaving'): void {
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
    this.#leaving.add(stream);
    if (cause === 'unused' || this.nextOf(stream.id) === undefined) {
      this.#remove(stream);
      return;
    }
    this.emit('leaving', stream);
    setTimeout(() => this.#remove(stream), LINGER_MS).unref();
  }

  #remove(stream: EdgeStream): void {
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
    const wasThere = this.#leaving.delete(stream);
    stream.close();
    if (wasThere) this.#options.logger.info({ stream: stream.id }, 'this host pulls a stream no more');
    this.emit('removed', stream);
  }

  #placeOf(streamId: string): RunsAt {
    const { find, placeOf, view, hostId } = this.#options;
    const place = placeOf(streamId);
    if (!place) return { type: find(streamId) ? 'here' : 'gone' };
    if ('reason' in place) return { type: 'nowhere', reason: place.reason };
    const host = view.hosts.get(place.host);
    if (!host || host.id === hostId) return { type: 'nowhere', reason: `${place.host} is not there` };
    return { type: 'host', host };
  }
}
