import { EventEmitter, once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { createWorker, type types } from 'mediasoup';
import { anySignal } from '../../shared/any-signal.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { RetryLoop, type Attempt, type Retry } from '../../shared/retry/retry-loop.adapter.js';
import type { IceServer } from '../../shared/signaling/protocol.js';
import { iceServersFor } from './ice-servers.js';
import { announceCandidates, reachableAddresses } from './listen-addresses.js';
import { ROUTER_CODECS } from './media-codecs.js';
import { PUBLISH_CODECS } from '../whip/publish-codecs.js';
import { closeUnlessConnected } from './connect-limit.adapter.js';
import type { MediaServerOptions } from './media-server-options.js';
import { within } from './within.adapter.js';
import { CONSENT_S, openWebRtcServer } from './webrtc-server.adapter.js';
import { killWorker, WorkerWatch } from './worker-watch.adapter.js';
import { MediaIngress, type MediaIngressOptions } from './media-ingress.adapter.js';

/** How long the media of a stream waits for a media process that is being replaced, ms. */
const INGRESS_WAIT_MS = 1000;
/** A media process that is not there by then is started again, ms; it takes a tenth of a second. */
const START_LIMIT_MS = 20_000;
/** A keyframe is more than the system holds by default; it grants what `net.core.rmem_max` and `wmem_max` allow. */
const PIPE_BUFFERS = { recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 } as const;

/** What those who use the media server are told. */
export interface MediaServerEvents {
  /** The media process died: every transport and consumer is gone. */
  down: [];
  /** A media process is there and has the ingresses. */
  up: [];
}

/**
 * The media process, as the gateway sees it:
 *
 * ```
 *   starting ──ready──▶ up ──died──▶ down
 *                        ▲            │
 *                        └──ready─────┘       (close leads from each of them to closed)
 * ```
 *
 * `starting`: for the first time; where that fails, the gateway does not start · `down`: it is
 * started again with back-off.
 */
type MediaState =
  | { readonly type: 'starting' | 'down' | 'closed' }
  | {
      readonly type: 'up';
      readonly worker: types.Worker;
      readonly watch: WorkerWatch;
      readonly server: types.WebRtcServer;
      readonly routers: Readonly<Record<'view' | 'publish', types.Router>>;
    };

/** A transport to one browser, and where the browser reaches it. */
export interface OpenedTransport {
  /** Of the one who opened it, who closes it. */
  readonly transport: types.WebRtcTransport;
  /** Of all addresses that are announced, in the place of the transport's own. */
  readonly iceCandidates: types.IceCandidate[];
  /** For a browser whose network does not let it through; its user names expire. */
  readonly iceServers: IceServer[];
}

/**
 * The process that forwards media to browsers (mediasoup). When it dies it is replaced, and
 * every ingress opens again on the same ports; viewers connect anew.
 */
export class MediaServer extends EventEmitter<MediaServerEvents> {
  readonly #options: MediaServerOptions;
  readonly #ingresses = new Set<MediaIngress>();
  readonly #closing = new AbortController();
  readonly #loop: RetryLoop;
  #state: MediaState = { type: 'starting' };
  /** Of all viewers; kept for the life of the gateway. */
  #port: number | undefined;

  private constructor(options: MediaServerOptions) {
    super();
    this.#options = options;
    this.#loop = new RetryLoop({
      run: (attempt) => this.#runWorker(attempt),
      policy: options.backoff,
      isFinal: () => this.#state.type === 'starting',
      onRetry: (retry) => this.#onRetry(retry),
    });
  }

  /**
   * Starts the media process; from then on it is replaced whenever it dies.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MEDIA` when the media process does not start, `DIPTYCH_E_CONFLICT`
   * when its port is taken.
   */
  static async start(options: MediaServerOptions): Promise<MediaServer> {
    const server = new MediaServer(options);
    try {
      await Promise.race([once(server, 'up'), server.#loop.run(server.#closing.signal)]);
    } catch (error) {
      if (error instanceof DiptychError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new DiptychError(
        'DIPTYCH_E_MEDIA',
        `the mediasoup worker did not start (${reason}); install it again (npm rebuild mediasoup), or name a worker in MEDIASOUP_WORKER_BIN`,
        { cause: error },
      );
    }
    return server;
  }

  /** Whether there is a media process. */
  get isUp(): boolean {
    return this.#state.type === 'up';
  }

  /** Whether there is one that answers, so that viewers can be served. */
  get answers(): boolean {
    return this.#state.type === 'up' && !this.#state.watch.isStalled;
  }

  /** Of the media process; absent while there is none. */
  get pid(): number | undefined {
    return this.#state.type === 'up' ? this.#state.worker.pid : undefined;
  }

  /**
   * Of the media process that runs now; another one after `down`.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while the media process is being replaced.
   */
  get router(): types.Router {
    return this.#up.routers.view;
  }

  /** As {@link router}; it receives from publishers, whose codecs may be others than those of viewers. */
  get publishRouter(): types.Router {
    return this.#up.routers.publish;
  }

  /**
   * Ports for the media of one run of a stream. The media server keeps the ingress on them when the
   * media process is replaced; the caller closes it. Waits a moment for one that is being replaced.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` where that takes longer.
   */
  async openIngress(options: Omit<MediaIngressOptions, 'portRange'>): Promise<MediaIngress> {
    const signal = anySignal([this.#closing.signal, AbortSignal.timeout(INGRESS_WAIT_MS)]);
    if (!this.isUp) await once(this, 'up', { signal }).catch(() => undefined);
    const { router } = this;
    const ingress = await MediaIngress.open(router, { ...options, portRange: this.portRange });
    for (const known of this.#ingresses) if (known.isClosed) this.#ingresses.delete(known);
    this.#ingresses.add(ingress);
    // The media process was replaced meanwhile, and moved those ingresses that it knew.
    if (router.closed && this.#state.type === 'up') await ingress.moveTo(this.router);
    return ingress;
  }

  /**
   * A transport to one browser, over UDP and TCP, through the port of all; the caller closes it, and it closes of itself
   * where the browser does not connect.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while the media process is being replaced.
   */
  async openTransport(router = this.router): Promise<OpenedTransport> {
    const transport = await router.createWebRtcTransport({
      webRtcServer: this.#up.server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: CONSENT_S,
    });
    closeUnlessConnected(transport, this.#options.connectS);
    const iceCandidates = announceCandidates(transport.iceCandidates, this.addresses);
    return { transport, iceCandidates, iceServers: this.iceServers };
  }

  /**
   * Another router in the media process; the caller closes it, and it ends with the process.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while the media process is being replaced.
   */
  async createRouter(mediaCodecs: types.RouterRtpCodecCapability[]): Promise<types.Router> {
    return this.#up.worker.createRouter({ mediaCodecs });
  }

  /**
   * One end of a pipe between hosts, encrypted, with retransmissions, on a UDP port of the range; the caller closes it.
   *
   * @param ip - address of this machine that the other host reaches
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while the media process is being replaced.
   */
  openPipe(ip: string): Promise<types.PipeTransport> {
    const listenInfo = { protocol: 'udp', ip, portRange: this.portRange, ...PIPE_BUFFERS } as const;
    return this.router.createPipeTransport({ listenInfo, enableRtx: true, enableSrtp: true });
  }

  /** STUN and TURN servers for one browser, with a user name that is valid from now on. */
  get iceServers(): IceServer[] {
    return iceServersFor(this.#options.webrtc.iceServers, { nowS: Date.now() / 1000, name: 'diptych' });
  }

  /** The addresses that browsers are told now; they change with the networks of the machine. */
  get addresses(): string[] {
    const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    return reachableAddresses({ ...this.#options.webrtc, listenIp: this.listenIp }, interfaces);
  }

  /** UDP and TCP, of all viewers. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Ends the media process and all that goes through it. Idempotent. */
  close(): void {
    const state = this.#state;
    this.#state = { type: 'closed' };
    this.#closing.abort();
    if (state.type !== 'up') return;
    state.watch.close();
    if (state.watch.isStalled) killWorker(state.worker);
    state.worker.close();
  }

  get #up(): Extract<MediaState, { readonly type: 'up' }> {
    if (this.#state.type === 'up') return this.#state;
    throw new DiptychError('DIPTYCH_E_NOT_READY', 'the media server is starting again; try again in a moment');
  }

  /** Where media listens, as configured. */
  get listenIp(): string {
    return this.#options.webrtc.listenIp ?? this.#options.host;
  }

  /** Where the configuration names no port, the first free one, and from then on that one. */
  async #openServer(worker: types.Worker): Promise<types.WebRtcServer> {
    const { port = this.#port, minPort, maxPort } = this.#options.webrtc;
    const range = { minPort: port ?? minPort, maxPort: port ?? maxPort };
    const opened = await openWebRtcServer(worker, { listenIp: this.listenIp, ...range });
    this.#port = opened.port;
    return opened.server;
  }

  /** UDP ports for what passes between processes and routers, and between hosts. */
  get portRange(): types.TransportPortRange {
    const { minPort, maxPort } = this.#options.webrtc;
    return { min: minPort, max: maxPort };
  }

  /** The life of one media process; throws when it dies. */
  async #runWorker({ signal, aborted, markWorking }: Attempt): Promise<void> {
    const worker = await within(START_LIMIT_MS, createWorker({ logLevel: 'warn' }));
    const died = new Promise<never>((_, reject) => {
      worker.once('died', (error) => {
        reject(error);
        this.#goDown();
      });
    });
    // It may die before anybody waits for that.
    died.catch(() => undefined);
    const { logger, stalledAfterS = 1.5, silenceTimeoutS = 4 } = this.#options;
    const watch = new WorkerWatch(worker, {
      ...{ logger, stalledAfterMs: stalledAfterS * 1000, hungAfterMs: silenceTimeoutS * 1000 },
    });
    try {
      const server = await this.#openServer(worker);
      const view = await worker.createRouter({ mediaCodecs: ROUTER_CODECS });
      const publish = await worker.createRouter({ mediaCodecs: PUBLISH_CODECS });
      if (signal.aborted) return;
      markWorking();
      await Promise.all([...this.#ingresses].map((ingress) => ingress.moveTo(view)));
      if (worker.closed) await died;
      if (this.#closing.signal.aborted) return;
      this.#state = { type: 'up', worker, watch, server, routers: { view, publish } };
      this.emit('up');
      await Promise.race([died, aborted]);
    } finally {
      watch.close();
      worker.close();
    }
  }

  #goDown(): void {
    if (this.#state.type !== 'up') return;
    this.#state = { type: 'down' };
    this.emit('down');
  }

  #onRetry(retry: Retry): void {
    if (retry.cause !== 'failed') return;
    this.#options.logger.error({ err: retry.error, retryMs: retry.delayMs }, 'media server died; it is started again');
  }
}
