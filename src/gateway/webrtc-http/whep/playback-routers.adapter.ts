import type { types } from 'mediasoup';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { Playback } from '../sdp/playback.js';
import { playbackCodecs, playbackKey } from './playback-media.js';

/** What the routers need of the media server. */
export interface PlaybackSource {
  /** Where producers are; another one after the media process was replaced. Throws while there is none. */
  readonly router: types.Router;
  /** A router in the same process. */
  createRouter(mediaCodecs: types.RouterRtpCodecCapability[]): Promise<types.Router>;
  /** UDP ports for what passes between routers, on 127.0.0.1. */
  readonly portRange: types.TransportPortRange;
}

/** A router that a session uses until it releases it. */
export interface BorrowedRouter {
  /** It sends with the payload types of the session's player. */
  readonly router: types.Router;
  /** Brings a producer of the gateway into the router, once for all sessions. Resolves with its id there. */
  bring(producerId: string): Promise<string>;
  /** The session needs it no more. Idempotent. */
  release(): void;
}

interface KnownRouter {
  readonly router: Promise<types.Router>;
  readonly brought: Map<string, Promise<string>>;
  users: number;
}

const LOOPBACK = '127.0.0.1';
/** Each takes two ports; there are a handful of kinds of players, and whoever makes up more of them is stopped here. */
const MAX_ROUTERS = 32;

/**
 * Routers for players that begin with an offer. Such a player fixes the payload types, and mediasoup gives a router
 * one payload type for each codec: players with the same share a router (two kinds of browser make two), and the
 * media is piped there within the media process, once for each router.
 */
export class PlaybackRouters {
  readonly #source: PlaybackSource;
  readonly #known = new Map<string, KnownRouter>();

  /**
   * Opens nothing before the first player.
   *
   * @param source - the media server, whose router is asked for each time
   */
  constructor(source: PlaybackSource) {
    this.#source = source;
  }

  /** Routers that sessions use now. */
  get count(): number {
    return this.#known.size;
  }

  /** A router for this playback; the caller releases it. Rejects with what the media server says. */
  async borrow(playback: Playback): Promise<BorrowedRouter> {
    const origin = this.#source.router;
    const key = `${origin.id} ${playbackKey(playback)}`;
    if (!this.#known.has(key) && this.#known.size >= MAX_ROUTERS) {
      const message = `players with ${MAX_ROUTERS} different sets of payload types are connected, and no more at a time; try again later`;
      throw new DiptychError('DIPTYCH_E_LIMIT_SESSIONS', message);
    }
    const known = this.#known.get(key) ?? this.#add(key, playback);
    known.users++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      known.users--;
      if (known.users > 0) return;
      this.#known.delete(key);
      void known.router.then(
        (router) => router.close(),
        () => undefined,
      );
    };
    try {
      const router = await known.router;
      return { router, release, bring: (producerId) => this.#bring(known, { origin, router, producerId }) };
    } catch (error) {
      release();
      throw error;
    }
  }

  #add(key: string, playback: Playback): KnownRouter {
    const router = this.#source.createRouter(playbackCodecs(playback));
    // Awaited by each who borrows it.
    router.catch(() => undefined);
    const known: KnownRouter = { router, brought: new Map(), users: 0 };
    this.#known.set(key, known);
    return known;
  }

  #bring(
    { brought }: KnownRouter,
    { origin, router, producerId }: { origin: types.Router; router: types.Router; producerId: string },
  ): Promise<string> {
    const known = brought.get(producerId);
    if (known) return known;
    const piped = origin
      .pipeToRouter({
        producerId,
        router,
        // Ids are unique in a media process, and this one stays in it.
        keepId: false,
        listenInfo: { protocol: 'udp', ip: LOOPBACK, portRange: this.#source.portRange },
      })
      .then(({ pipeProducer }) => {
        if (!pipeProducer) throw new Error('the media was not piped');
        pipeProducer.observer.once('close', () => brought.delete(producerId));
        return pipeProducer.id;
      });
    brought.set(producerId, piped);
    piped.catch(() => brought.delete(producerId));
    return piped;
  }
}
