import type { types } from 'mediasoup';
import type { ReceivingPorts } from '../../shared/ipc/messages.js';
import { streamCapabilities } from './publish-codecs.js';

/** What a {@link MediaHandover} passes on. */
export interface MediaHandoverOptions {
  /** Of the producers. */
  readonly router: types.Router;
  /** UDP ports to send from, bounds included. */
  readonly portRange: types.TransportPortRange;
  /** The pictures. */
  readonly video: types.Producer;
  /** The sound; absent: there is none. */
  readonly audio?: types.Producer;
}

/** Media between processes of this machine never leaves it. */
const LOOPBACK = '127.0.0.1';

/**
 * Passes what somebody publishes on to the ports of a stream process. A transport is connected once, therefore other
 * ports get other transports.
 */
export class MediaHandover {
  readonly #options: MediaHandoverOptions;
  #transports: types.PlainTransport[] = [];
  #video: types.Consumer | undefined;
  #layer: number | undefined;
  /** Of the call of {@link connect} that counts. */
  #generation = 0;

  constructor(options: MediaHandoverOptions) {
    this.#options = options;
  }

  /** The ports from now on; those before get nothing more. @throws what mediasoup says */
  async connect(ports: ReceivingPorts): Promise<void> {
    this.close();
    const generation = this.#generation;
    const { video, audio } = this.#options;
    const consumer = await this.#send(video, ports.video, ports, generation);
    if (audio) await this.#send(audio, ports.audio, ports, generation);
    if (generation !== this.#generation) return;
    this.#video = consumer;
    await this.#preferLayer();
  }

  /** Asks whoever publishes for a keyframe. */
  async requestKeyframe(): Promise<void> {
    await this.#video?.requestKeyFrame();
  }

  /** Takes this layer of pictures that come in several sizes, from 0, the smallest. */
  async takeLayer(layer: number): Promise<void> {
    this.#layer = layer;
    await this.#preferLayer();
  }

  /** Nothing is passed on any more. Idempotent. */
  close(): void {
    this.#generation++;
    this.#video = undefined;
    for (const transport of this.#transports.splice(0)) transport.close();
  }

  async #preferLayer(): Promise<void> {
    if (this.#layer !== undefined) await this.#video?.setPreferredLayers({ spatialLayer: this.#layer });
  }

  async #send(
    producer: types.Producer,
    port: number,
    { host, rtcp }: ReceivingPorts,
    generation: number,
  ): Promise<types.Consumer> {
    const { router, portRange } = this.#options;
    const listenInfo: types.TransportListenInfo = { protocol: 'udp', ip: LOOPBACK, portRange };
    const transport = await router.createPlainTransport({
      ...{ listenInfo, rtcpListenInfo: listenInfo, rtcpMux: false, comedia: false },
    });
    // It was closed, or told other ports, meanwhile.
    if (generation === this.#generation) this.#transports.push(transport);
    else transport.close();
    await transport.connect({ ip: host, port, rtcpPort: rtcp });
    return transport.consume({
      ...{ producerId: producer.id, rtpCapabilities: streamCapabilities(router.rtpCapabilities), enableRtx: false },
    });
  }
}
