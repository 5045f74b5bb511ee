import type { types } from 'mediasoup';
import type { Logger } from '../../../shared/telemetry/logger.js';
import type { LimitsConfig } from '../../../shared/config/limits-schema.js';
import { limitError } from '../../access/limit-error.js';
import { requireViewerRoom } from '../../access/viewer-room.js';
import { RefusedRequest } from '../../api/refused-request.js';
import { safeListener } from '../../guard/safe-listener.js';
import { explainMediaError } from '../../signaling/media-error.js';
import type { EdgeHosts } from '../../signaling/edge-hosts.js';
import type { MediaServer } from '../../signaling/media-server.adapter.js';
import { followShown, ingressOf, type ShownStream } from '../../signaling/shown-stream.js';
import type { StreamRegistry } from '../../streams/stream-registry.adapter.js';
import { parseOffer } from '../sdp/offer.js';
import { choosePlayback } from '../sdp/playback.js';
import type { SdpEndpoint, SdpRequest } from '../sdp-endpoint.js';
import { PlaybackRouters } from './playback-routers.adapter.js';
import { WhepSession } from './whep-session.adapter.js';

/** What WHEP works on. */
export interface WhepEndpointOptions {
  /** Streams that can be played. */
  readonly registry: StreamRegistry;
  /** Transports and routers. */
  readonly media: MediaServer;
  /** Receives failures. */
  readonly logger: Logger;
  /** How many players there may be; more are told to come again later. */
  readonly limits: Pick<LimitsConfig, 'whepPlayers' | 'viewers' | 'viewersPerStream'>;
  /** Viewers of all streams. */
  readonly allViewers: () => number;
  /** Viewers of a stream, players included. */
  readonly viewersOf: (stream: ShownStream) => number;
  /** Streams of other hosts that can be played here. @defaultValue there are none */
  readonly edges?: EdgeHosts | undefined;
}

/** When a player that found no media should ask again, s: a stream process is there again by then. */
const RETRY_AFTER_S = 2;

/**
 * WHEP (draft-ietf-wish-whep-03): players that begin with an offer over HTTP. A session ends with its player, with its
 * stream and with the media process; a player then begins another. It goes on over the runs of its stream, unless a run
 * needs an ingress of its own.
 */
export class WhepEndpoint implements SdpEndpoint {
  readonly #options: WhepEndpointOptions;
  readonly #routers: PlaybackRouters;
  readonly #sessions = new Map<string, WhepSession>();
  #opening = 0;

  constructor(options: WhepEndpointOptions) {
    this.#options = options;
    this.#routers = new PlaybackRouters(options.media);
    const { registry, edges, logger } = options;
    for (const stream of registry.list()) this.#follow(stream);
    const follow = safeListener(logger, 'WHEP for a new stream', (stream: ShownStream) => this.#follow(stream));
    const end = safeListener(logger, 'the end of the players of a stream', (stream: ShownStream) => {
      for (const session of this.#sessionsOf(stream)) session.close();
    });
    registry.on('added', follow).on('removed', end);
    edges?.on('added', follow).on('removed', end);
  }

  /** Players of a stream. */
  viewersOf(stream: ShownStream): number {
    return [...this.#sessionsOf(stream)].length;
  }

  /** Players of all streams. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Begins a session. @throws as {@link SdpEndpoint.open}; 409 and 503 say when to ask again */
  async open({ streamId, offer: text }: SdpRequest): Promise<WhepSession> {
    const { registry, media, edges } = this.#options;
    const find = (): ShownStream | undefined => edges?.find(streamId) ?? registry.find(streamId);
    const stream = find() ?? registry.get(streamId);
    const offer = parseOffer(text);
    const playback = choosePlayback(offer);
    const ingress = ingressOf(stream);
    if (!ingress) throw tryLater(409, `stream "${streamId}" has no media at the moment`);
    if (!media.isUp) throw tryLater(503, 'the media server is starting again');
    this.#requireRoom(stream);
    this.#opening++;
    try {
      const borrowed = await this.#routers.borrow(playback);
      const openTransport = (router: types.Router): ReturnType<MediaServer['openTransport']> =>
        media.openTransport(router);
      const session = await WhepSession.open({ stream, offer, playback, ingress, borrowed, openTransport }, (ended) =>
        this.#sessions.delete(ended.id),
      );
      this.#sessions.set(session.id, session);
      // What it would be sent went meanwhile.
      if (find() !== stream || ingressOf(stream) !== ingress) session.close();
      return session;
    } catch (error) {
      throw explainMediaError(error) ?? error;
    } finally {
      this.#opening--;
    }
  }

  /** A session by its names in the path. */
  find(streamId: string, sessionId: string): WhepSession | undefined {
    const session = this.#sessions.get(sessionId);
    return session?.streamId === streamId ? session : undefined;
  }

  /** Ends every session. Idempotent. */
  close(): void {
    for (const session of [...this.#sessions.values()]) session.close();
  }

  #requireRoom(stream: ShownStream): void {
    const { limits, allViewers, viewersOf } = this.#options;
    const sessions = this.#sessions.size + this.#opening;
    if (sessions >= limits.whepPlayers) {
      const advice = 'come again when one of them has left';
      throw limitError('DIPTYCH_E_LIMIT_SESSIONS', `players: ${sessions}`, 'whepPlayers', advice);
    }
    requireViewerRoom(limits, { all: allViewers() + this.#opening, ofStream: viewersOf(stream) + this.#opening });
  }

  #follow(stream: ShownStream): void {
    followShown(stream, {
      ingress: safeListener(this.#options.logger, 'the end of the players of a run', () => {
        const ingress = ingressOf(stream);
        for (const session of this.#sessionsOf(stream)) if (session.ingress !== ingress) session.close();
      }),
    });
  }

  *#sessionsOf(stream: ShownStream): Generator<WhepSession> {
    for (const session of [...this.#sessions.values()]) if (session.stream === stream) yield session;
  }
}

const tryLater = (status: 409 | 503, what: string): RefusedRequest =>
  new RefusedRequest(`${what}; try again in ${RETRY_AFTER_S} s`, {
    status,
    code: 'DIPTYCH_E_NOT_READY',
    headers: { 'retry-after': String(RETRY_AFTER_S) },
  });
