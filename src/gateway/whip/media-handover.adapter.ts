import type { types } from 'mediasoup';
import type { PublicationOrigin, ReceivingPorts } from '../../shared/ipc/messages.js';
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

/** A producer, and the transport that passes it on. */
interface Lane {
  readonly producer: types.Producer;
  transport: types.PlainTransport;
  /** A transport is connected once. */
  isConnected: boolean;
}

/**
 * Passes what somebody publishes on to the ports of a stream process, which takes it from the ports that this sends from
 * and from no others. Those stay the same while the ports that it goes to change.
 */
export class MediaHandover {
  readonly #options: MediaHandoverOptions;
  readonly #video: Lane;
  readonly #audio: Lane | undefined;
  #consumer: types.Consumer | undefined;
  #layer: number | undefined;
  /** One after the other. */
  #connecting: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: MediaHandoverOptions, video: Lane, audio: Lane | undefined) {
    this.#options = options;
    this.#video = video;
    this.#audio = audio;
  }

  /** Takes the ports that it sends from. @throws what mediasoup says, such as when no port of the range is free */
  static async open(options: MediaHandoverOptions): Promise<MediaHandover> {
    const open = async (producer: types.Producer): Promise<Lane> => {
      return { producer, transport: await openTransport(options), isConnected: false };
    };
    const video = await open(options.video);
    try {
      return new MediaHandover(options, video, options.audio && (await open(options.audio)));
    } catch (error) {
      video.transport.close();
      throw error;
    }
  }

  /** Where it sends from, for as long as it is open. */
  get origin(): PublicationOrigin {
    const portOf = ({ transport }: Lane): number => transport.tuple.localPort;
    return { host: LOOPBACK, video: portOf(this.#video), ...(this.#audio && { audio: portOf(this.#audio) }) };
  }

  /** The ports from now on; those before get nothing more. @throws what mediasoup says */
  connect(ports: ReceivingPorts): Promise<void> {
    const connecting = this.#connecting.catch(() => undefined).then(() => this.#connect(ports));
    this.#connecting = connecting;
    return connecting;
  }

  /** Asks whoever publishes for a keyframe. */
  async requestKeyframe(): Promise<void> {
    await this.#consumer?.requestKeyFrame();
  }

  /** Takes this layer of pictures that come in several sizes, from 0, the smallest. */
  async takeLayer(layer: number): Promise<void> {
    this.#layer = layer;
    await this.#preferLayer();
  }

  /** Nothing is passed on any more. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#consumer = undefined;
    this.#video.transport.close();
    this.#audio?.transport.close();
  }

  async #connect(ports: ReceivingPorts): Promise<void> {
    this.#consumer = undefined;
    const consumer = await this.#send(this.#video, ports.video, ports);
    if (this.#audio) await this.#send(this.#audio, ports.audio, ports);
    if (this.#isClosed) return;
    this.#consumer = consumer;
    await this.#preferLayer();
  }

  async #preferLayer(): Promise<void> {
    if (this.#layer !== undefined) await this.#consumer?.setPreferredLayers({ spatialLayer: this.#layer });
  }

  /** Sends a producer to this port. @returns undefined where it was closed meanwhile */
  async #send(lane: Lane, port: number, { host, rtcp }: ReceivingPorts): Promise<types.Consumer | undefined> {
    if (lane.isConnected) {
      const { localPort } = lane.transport.tuple;
      lane.transport.close();
      lane.transport = await openTransport(this.#options, localPort);
    }
    lane.isConnected = true;
    if (this.#isClosed) {
      lane.transport.close();
      return undefined;
    }
    const rtpCapabilities = streamCapabilities(this.#options.router.rtpCapabilities);
    await lane.transport.connect({ ip: host, port, rtcpPort: rtcp });
    return lane.transport.consume({ producerId: lane.producer.id, rtpCapabilities, enableRtx: false });
  }
}

/** One that is yet to be connected. @param port - a certain one, rather than any of the range */
function openTransport({ router, portRange }: MediaHandoverOptions, port?: number): Promise<types.PlainTransport> {
  const base = { protocol: 'udp', ip: LOOPBACK } as const;
  const rtcpListenInfo: types.TransportListenInfo = { ...base, portRange };
  const listenInfo = port === undefined ? rtcpListenInfo : { ...base, port };
  return router.createPlainTransport({ listenInfo, rtcpListenInfo, rtcpMux: false, comedia: false });
}
