import { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createWorker, type types } from 'mediasoup';
import type { GatewayConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { listenAddresses } from './listen-addresses.js';
import { ROUTER_CODECS } from './media-codecs.js';
import { MediaIngress, type MediaIngressOptions } from './media-ingress.adapter.js';

export interface MediaServerOptions {
  readonly webrtc: GatewayConfig['webrtc'];
  readonly backoff: { nextDelayMs(ranMs: number): number };
  readonly logger: Logger;
}

export interface MediaServerEvents {
  /** The media process died: every transport and consumer is gone. */
  down: [];
  /** A new media process has taken over. */
  up: [];
}

interface Media {
  readonly worker: types.Worker;
  readonly router: types.Router;
}

/**
 * The process that forwards media to browsers (mediasoup). When it dies it is replaced, and
 * every ingress opens again on the same ports; viewers connect anew.
 */
export class MediaServer extends EventEmitter<MediaServerEvents> {
  readonly #options: MediaServerOptions;
  readonly #ingresses = new Set<MediaIngress>();
  readonly #closing = new AbortController();
  #media: Media | undefined;

  private constructor(options: MediaServerOptions) {
    super();
    this.#options = options;
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_MEDIA` when the media process does not start. */
  static async start(options: MediaServerOptions): Promise<MediaServer> {
    const server = new MediaServer(options);
    try {
      await server.#startWorker();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DiptychError(
        'DIPTYCH_E_MEDIA',
        `the mediasoup worker did not start (${reason}); install it again (npm rebuild mediasoup), or name a worker in MEDIASOUP_WORKER_BIN`,
        { cause: error },
      );
    }
    return server;
  }

  get isUp(): boolean {
    return this.#media !== undefined;
  }

  /** Of the media process; absent while there is none. */
  get pid(): number | undefined {
    return this.#media?.worker.pid;
  }

  /** @throws {@link DiptychError} `DIPTYCH_E_NOT_READY` while the media process is being replaced. */
  get router(): types.Router {
    if (!this.#media) {
      throw new DiptychError('DIPTYCH_E_NOT_READY', 'the media server is starting again; try again in a moment');
    }
    return this.#media.router;
  }

  async openIngress(options: Omit<MediaIngressOptions, 'portRange'>): Promise<MediaIngress> {
    const ingress = await MediaIngress.open(this.router, { ...options, portRange: this.#portRange });
    for (const known of this.#ingresses) if (known.isClosed) this.#ingresses.delete(known);
    this.#ingresses.add(ingress);
    return ingress;
  }

  /** A transport to one browser. */
  openViewerTransport(): Promise<types.WebRtcTransport> {
    const addresses = listenAddresses(
      this.#options.webrtc,
      Object.values(networkInterfaces()).flatMap((list) => list ?? []),
    );
    return this.router.createWebRtcTransport({
      listenInfos: addresses.flatMap((address) =>
        (['udp', 'tcp'] as const).map((protocol) => ({ ...address, protocol, portRange: this.#portRange })),
      ),
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
    });
  }

  /** Idempotent. */
  close(): void {
    this.#closing.abort();
    const media = this.#media;
    this.#media = undefined;
    media?.worker.close();
  }

  get #portRange(): types.TransportPortRange {
    const { minPort, maxPort } = this.#options.webrtc;
    return { min: minPort, max: maxPort };
  }

  async #startWorker(): Promise<types.Router | undefined> {
    const startedMs = performance.now();
    const worker = await createWorker({ logLevel: 'warn' });
    const router = await worker.createRouter({ mediaCodecs: ROUTER_CODECS });
    if (this.#closing.signal.aborted) {
      worker.close();
      return undefined;
    }
    this.#media = { worker, router };
    worker.once('died', (error) => {
      void this.#replaceWorker(error, performance.now() - startedMs);
    });
    return router;
  }

  async #replaceWorker(cause: Error, ranMs: number): Promise<void> {
    const { backoff, logger } = this.#options;
    this.#media = undefined;
    this.emit('down');
    let workedMs = ranMs;
    let reason: unknown = cause;
    let router: types.Router | undefined;
    while (!router) {
      const retryMs = backoff.nextDelayMs(workedMs);
      logger.error({ err: reason, retryMs }, 'media server died; it is started again');
      await delay(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      try {
        router = await this.#startWorker();
      } catch (error) {
        reason = error;
        workedMs = 0;
      }
    }
    const replacement = router;
    await Promise.all([...this.#ingresses].map((ingress) => ingress.moveTo(replacement)));
    this.emit('up');
  }
}
