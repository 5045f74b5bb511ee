import { randomInt } from 'node:crypto';
import type { types } from 'mediasoup';
import type { MediaOrigins, MediaPosition, RtpDestination, RtpOrigin, RtpPosition } from '../../shared/ipc/messages.js';
import type { ProducerIds } from '../../shared/signaling/protocol.js';
import { SequenceOrigin } from './sequence-origin.js';
import { within } from './within.adapter.js';
import { AUDIO_PAYLOAD_TYPE, producerParameters, VIDEO_PAYLOAD_TYPE } from './media-codecs.js';

/** Whose media enters, where, and who is told what. */
export interface MediaIngressOptions {
  /** Part of the `cname`, which keeps its audio and video together. */
  readonly streamId: string;
  /** UDP ports to choose from, bounds included. */
  readonly portRange: types.TransportPortRange;
  /** A viewer needs a keyframe; several may ask within a short time. Must not throw. */
  readonly onKeyframeRequest: () => void;
  /**
   * The media process was replaced and the old ports could not be taken again, or the sender's ports
   * were not accepted. Must not throw.
   */
  readonly onLost: () => void;
}

interface IngressTransport {
  readonly transport: types.PlainTransport;
  readonly producer: types.Producer;
  readonly destination: RtpDestination;
}

/** Media between processes of this machine never leaves it. */
const LOOPBACK = '127.0.0.1';
/** Between two keyframe requests of one viewer to the same producer. */
const KEYFRAME_REQUEST_DELAY_MS = 500;
/**
 * A keyframe comes at once and may be larger than what the system holds by default (about 90 packets); what is lost of it
 * nobody sends again. The system grants as much as `net.core.rmem_max` allows.
 */
const RECEIVE_BUFFER_BYTES = 4 << 20;
const MAX_SSRC = 0xffff_fffe;
const SEQUENCES = 0x1_0000;
/** Where a run begins, so that nobody needs to tell a wrap from a leap at once. */
const MAX_FIRST_SEQUENCE = 0x7fff;
/**
 * A run that died does not say where its packets ended. What is left out is more than could be on its way, and less
 * than receivers take for another stream (mediasoup: 3,000).
 */
const SKIPPED_SEQUENCES = 100;
/** The media process answers at once, or hangs. */
const STATS_LIMIT_MS = 1_000;

/**
 * Where the RTP of a stream enters: a plain transport and a producer for video and for audio, for all its runs. A
 * transport takes what comes from the ports that it was connected to and nothing else, so a stray packet does no harm;
 * it is connected once, therefore a run that follows sends from the ports of the one before, and goes on with its
 * sequence numbers. Whoever consumes sees one stream.
 */
export class MediaIngress {
  readonly #options: MediaIngressOptions;
  #transports: Record<types.MediaKind, IngressTransport>;
  /** From where the media comes; absent before the stream process has said so. */
  #origins: MediaOrigins | undefined;
  #isClosed = false;
  /** Sequence numbers that were left out between runs. */
  #skipped = 0;
  /** Where the next run begins; absent before the second one. */
  #next: MediaPosition | undefined;
  /** The media process was replaced: the new one counts from where the media was then, which is found out. */
  #moved: Record<types.MediaKind, SequenceOrigin> | undefined;

  private constructor(options: MediaIngressOptions, transports: Record<types.MediaKind, IngressTransport>) {
    this.#options = options;
    this.#transports = transports;
  }

  /**
   * Takes four ports of the range: RTP and RTCP, for video and for audio.
   *
   * @throws what mediasoup says, such as when no port of the range is free
   */
  static async open(router: types.Router, options: MediaIngressOptions): Promise<MediaIngress> {
    return new MediaIngress(options, await openIngressTransports(router, options));
  }

  /** Where the next run sends video. */
  get video(): RtpDestination {
    return this.#destination('video');
  }

  /** Where the next run sends audio. */
  get audio(): RtpDestination {
    return this.#destination('audio');
  }

  /** What viewers consume; another one once the media process was replaced. */
  producerId(kind: types.MediaKind): string {
    return this.#transports[kind].producer.id;
  }

  /** The same for both, as clients are told. */
  get producers(): ProducerIds {
    return { video: this.producerId('video'), audio: this.producerId('audio') };
  }

  /** Whether it was closed by its owner. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Takes the media from these ports from now on, also after the media process was replaced. Does nothing for a run
   * that goes on from the ports of the one before.
   */
  connect(origins: MediaOrigins): void {
    if (this.#origins) return;
    this.#origins = origins;
    const transports = this.#transports;
    connectTransports(transports, origins).catch(() => {
      // Where the media process died, the next one is connected.
      if (!transports.video.transport.closed && !this.#isClosed) this.#options.onLost();
    });
  }

  /** Where the media of a run ended that died, near enough to go on; undefined where that cannot be known. */
  async position(): Promise<MediaPosition | undefined> {
    const { video, audio } = this.#transports;
    const moved = this.#moved;
    const firstVideo = moved ? moved.video.first : video.destination.firstSequence;
    const firstAudio = moved ? moved.audio.first : audio.destination.firstSequence;
    if (this.#isClosed || !this.#origins || firstVideo === undefined || firstAudio === undefined) return undefined;
    try {
      const counted = Promise.all([packetsOf(video), packetsOf(audio)]);
      const [videoPackets, audioPackets] = await within(STATS_LIMIT_MS, counted);
      if (moved !== this.#moved) return undefined;
      this.#skipped += SKIPPED_SEQUENCES;
      return { video: this.#after(firstVideo, videoPackets), audio: this.#after(firstAudio, audioPackets) };
    } catch {
      return undefined; // The media process is being replaced.
    }
  }

  /** The next run goes on here where the one before ended. Resolves with whether it can. */
  async resume(): Promise<boolean> {
    const moved = this.#moved;
    const position = await this.position();
    // Closed, or moved, meanwhile.
    if (!position || this.#isClosed || moved !== this.#moved) return false;
    this.#next = position;
    return true;
  }

  /**
   * The run that sends says how far it is; where the media process was replaced, so that the next run can go on where
   * this one will have ended.
   */
  noteSent({ video, audio }: MediaPosition): void {
    const moved = this.#moved;
    if (!moved || this.#isClosed) return;
    const transports = this.#transports;
    Promise.all([packetsOf(transports.video), packetsOf(transports.audio)]).then(
      ([ofVideo, ofAudio]) => {
        // Nothing has come yet, or the media process was replaced again.
        if (moved !== this.#moved || ofVideo.received === 0 || ofAudio.received === 0) return;
        moved.video.note(video.nextSequence, ofVideo.received + ofVideo.lost);
        moved.audio.note(audio.nextSequence, ofAudio.received + ofAudio.lost);
      },
      () => undefined, // It is being replaced again.
    );
  }

  /**
   * The same ports, SSRCs and payload types on the router of a new media process, so that the
   * stream process need not know that the old one died. Never rejects: where the ports are taken,
   * `onLost` is called; where the new process died as well, the next one is moved to.
   */
  async moveTo(router: types.Router): Promise<void> {
    if (this.#isClosed) return;
    this.#moved = { video: new SequenceOrigin(), audio: new SequenceOrigin() };
    this.#skipped = 0;
    try {
      this.#transports = await openIngressTransports(router, this.#options, this);
      if (this.isClosed) this.#closeTransports();
      else if (this.#origins) await connectTransports(this.#transports, this.#origins);
    } catch {
      if (!router.closed) this.#options.onLost();
    }
  }

  /** Frees its ports. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#closeTransports();
  }

  #destination(kind: types.MediaKind): RtpDestination {
    const { destination } = this.#transports[kind];
    const firstSequence = this.#next?.[kind].nextSequence ?? destination.firstSequence;
    return { ...destination, firstSequence, ...(this.#origins && { from: this.#origins[kind] }) };
  }

  #after(firstSequence: number, { received, lost }: Packets): RtpPosition {
    // Those that were left out count as lost, once mediasoup has looked.
    const sent = received + Math.max(lost + SKIPPED_SEQUENCES, this.#skipped);
    return { nextSequence: (firstSequence + sent) % SEQUENCES };
  }

  #closeTransports(): void {
    this.#transports.video.transport.close();
    this.#transports.audio.transport.close();
  }
}

interface Packets {
  readonly received: number;
  readonly lost: number;
}

async function packetsOf({ producer }: IngressTransport): Promise<Packets> {
  const [stats] = await producer.getStats();
  return { received: stats?.packetCount ?? 0, lost: Math.max(0, stats?.packetsLost ?? 0) };
}

async function connectTransports(
  { video, audio }: Record<types.MediaKind, IngressTransport>,
  origins: MediaOrigins,
): Promise<void> {
  const connect = ({ transport }: IngressTransport, { host, rtpPort, rtcpPort }: RtpOrigin): Promise<void> =>
    transport.connect({ ip: host, port: rtpPort, rtcpPort });
  await Promise.all([connect(video, origins.video), connect(audio, origins.audio)]);
}

async function openIngressTransports(
  router: types.Router,
  options: MediaIngressOptions,
  like?: { readonly video: RtpDestination; readonly audio: RtpDestination },
): Promise<Record<types.MediaKind, IngressTransport>> {
  const video = await openIngressTransport(router, 'video', options, like?.video);
  try {
    return { video, audio: await openIngressTransport(router, 'audio', options, like?.audio) };
  } catch (error) {
    video.transport.close();
    throw error;
  }
}

async function openIngressTransport(
  router: types.Router,
  kind: types.MediaKind,
  { streamId, portRange, onKeyframeRequest }: MediaIngressOptions,
  like?: RtpDestination,
): Promise<IngressTransport> {
  const listenInfo = (port?: number): types.TransportListenInfo => ({
    protocol: 'udp',
    ip: LOOPBACK,
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    ...(port === undefined ? { portRange } : { port }),
  });
  const transport = await router.createPlainTransport({
    listenInfo: listenInfo(like?.rtpPort),
    rtcpListenInfo: listenInfo(like?.rtcpPort),
    rtcpMux: false,
    comedia: false,
  });
  const ssrc = like?.ssrc ?? randomInt(1, MAX_SSRC);
  const producer = await transport.produce({
    kind,
    rtpParameters: producerParameters(kind, ssrc, `diptych-${streamId}`),
    keyFrameRequestDelay: KEYFRAME_REQUEST_DELAY_MS,
  });
  if (kind === 'video') {
    // The stream process controls its encoder by messages, so requests are taken from mediasoup here
    // instead of being parsed from RTCP there.
    await producer.enableTraceEvent(['pli', 'fir']);
    producer.on('trace', onKeyframeRequest);
  }
  const { rtcpTuple } = transport;
  if (!rtcpTuple) throw new Error('the transport has no RTCP port');
  return {
    transport,
    producer,
    destination: {
      host: LOOPBACK,
      rtpPort: transport.tuple.localPort,
      rtcpPort: rtcpTuple.localPort,
      ssrc,
      payloadType: kind === 'video' ? VIDEO_PAYLOAD_TYPE : AUDIO_PAYLOAD_TYPE,
      firstSequence: like?.firstSequence ?? randomInt(MAX_FIRST_SEQUENCE),
    },
  };
}
