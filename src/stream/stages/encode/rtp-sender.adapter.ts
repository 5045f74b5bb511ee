import { setTimeout as delay } from 'node:timers/promises';
import type { MediaOrigins, MediaPosition, RtpDestination, RtpPosition } from '../../../shared/ipc/messages.js';
import type { MediaTap } from '../../domain/media-tap.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { MediaSender } from './encode-session.js';
import { freeUdpPorts } from './free-ports.adapter.js';
import { rtpOriginMs } from './rtp-origin.adapter.js';
import { AUDIO_CLOCK_RATE, isLaterTimestamp, rtpTicksOf, rtpTimestampOf, VIDEO_CLOCK_RATE } from './rtp-time.js';

/** Where RTP goes, and when. */
export interface RtpSenderOptions {
  /** Of the pictures. */
  readonly video: RtpDestination;
  /** Of the sound. */
  readonly audio: RtpDestination;
  /** Told from where it is sent, before the first packet, where the destinations do not say that. */
  readonly onOrigins?: ((origins: MediaOrigins) => void) | undefined;
}

/** Media between processes of this machine never leaves it. */
const LOCAL_ADDRESS = '127.0.0.1';
const MAX_QUEUE_MS = 300;
/** Nothing has passed the valve for so long, ms: all that has is sent. */
const FLUSH_MS = 5;
/** On a busy machine what has passed may take longer, but not so long, ms. */
const MOST_FLUSH_MS = 100;
const SEQUENCES = 65_536;

/**
 * Sends the encoded media of a stream as RTP. A run that takes over from another sends from the same ports, with the
 * same SSRC, and goes on with its sequence numbers and time stamps: receivers see one stream, with a keyframe.
 *
 * ```
 *   held ──send──▶ waiting ──a picture that is later──▶ sending ──release──▶ released
 *                                       (not held: sending from the start)
 * ```
 */
export class RtpSender implements MediaSender {
  /** Its errors are those of the encoder. */
  readonly graph: Graph;
  /** What it is to go on from, with the next picture that is later. */
  #due: MediaPosition | undefined;
  #isSending = false;
  #isPlaying = false;
  readonly #addon = loadAddon();

  private constructor(graph: Graph) {
    this.graph = graph;
  }

  /**
   * Builds its graph, and reports the ports that it takes once it sends.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`
   */
  static async load({ video, audio, onOrigins }: RtpSenderOptions): Promise<RtpSender> {
    const [videoRtp = 0, videoRtcp = 0, audioRtp = 0, audioRtcp = 0] = await freeUdpPorts(LOCAL_ADDRESS, 4);
    const origins: MediaOrigins = {
      video: video.from ?? { host: LOCAL_ADDRESS, rtpPort: videoRtp, rtcpPort: videoRtcp },
      audio: audio.from ?? { host: LOCAL_ADDRESS, rtpPort: audioRtp, rtcpPort: audioRtcp },
    };
    const graph = await Graph.load('encode-rtp', {
      localAddress: LOCAL_ADDRESS,
      videoLocalPort: origins.video.rtpPort,
      videoLocalRtcpPort: origins.video.rtcpPort,
      audioLocalPort: origins.audio.rtpPort,
      audioLocalRtcpPort: origins.audio.rtcpPort,
      videoHost: video.host,
      videoPort: video.rtpPort,
      videoRtcpPort: video.rtcpPort,
      videoSsrc: video.ssrc,
      videoPayloadType: video.payloadType,
      videoSequence: video.firstSequence,
      videoTimeOffset: rtpTicksOf(rtpOriginMs(), VIDEO_CLOCK_RATE),
      audioHost: audio.host,
      audioPort: audio.rtpPort,
      audioRtcpPort: audio.rtcpPort,
      audioSsrc: audio.ssrc,
      audioPayloadType: audio.payloadType,
      audioSequence: audio.firstSequence,
      audioTimeOffset: rtpTicksOf(rtpOriginMs(), AUDIO_CLOCK_RATE),
    });
    onOrigins?.(origins);
    return new RtpSender(graph);
  }

  /** Whether packets leave it. */
  get isSending(): boolean {
    return this.#isSending;
  }

  /** As {@link MediaSender.position}. */
  get position(): MediaPosition | undefined {
    return this.#isSending && this.graph.isOpen ? this.#positions() : undefined;
  }

  /** Sends what these give from now on. */
  begin(video: MediaTap, audio: MediaTap, { startOnKeyframe = false } = {}): void {
    const { id } = this.graph;
    this.#addon.link(video, { graphId: id, element: 'video' }, { maxQueueMs: MAX_QUEUE_MS, startOnKeyframe });
    const sound = { maxQueueMs: MAX_QUEUE_MS, startOnKeyframe: false };
    this.#addon.link(audio, { graphId: id, element: 'audio' }, sound);
    this.#play();
    this.#isSending = true;
  }

  /** As {@link MediaSender.send}. */
  send(position: MediaPosition): void {
    this.graph.setProperty('videopay', 'seqnum-offset', position.video.nextSequence);
    this.graph.setProperty('audiopay', 'seqnum-offset', position.audio.nextSequence);
    this.#due = position;
    // Sockets and threads take their time.
    this.#play();
  }

  /**
   * Begins to send what is held, where that is due, with the next keyframe: when every picture that comes is later than
   * the last one that was sent.
   *
   * @param encodedPtsMs - PTS of the newest picture that was encoded, ms
   * @returns whether it begins now, so that the next picture is to be a keyframe
   */
  beginIfDue(encodedPtsMs: () => number | undefined, video: MediaTap, audio: MediaTap): boolean {
    if (this.#due === undefined) return false;
    const { lastTimestamp } = this.#due.video;
    const ptsMs = encodedPtsMs();
    if (ptsMs === undefined) return false;
    const isEarlier =
      lastTimestamp !== undefined && isLaterTimestamp(lastTimestamp, rtpTimestampOf(ptsMs, rtpOriginMs()));
    if (isEarlier) return false;
    this.#due = undefined;
    this.begin(video, audio, { startOnKeyframe: true });
    return true;
  }

  /** As {@link MediaSender.release}. */
  async release(): Promise<MediaPosition> {
    const kinds = ['video', 'audio'] as const;
    this.#isSending = false;
    for (const kind of kinds) this.graph.setProperty(`${kind}valve`, 'drop', true);
    for (let last = this.#positions(), waitedMs = 0; ; waitedMs += FLUSH_MS) {
      await delay(FLUSH_MS);
      const now = this.#positions();
      const isStill = kinds.every((kind) => now[kind].nextSequence === last[kind].nextSequence);
      if (isStill || waitedMs >= MOST_FLUSH_MS) return now;
      last = now;
    }
  }

  #play(): void {
    if (!this.#isPlaying) this.graph.play();
    this.#isPlaying = true;
  }

  #positions(): MediaPosition {
    return { video: this.#positionOf('videopay'), audio: this.#positionOf('audiopay') };
  }

  #positionOf(payloader: string): RtpPosition {
    const read = (property: string): number => Number(this.graph.getProperty(payloader, property));
    return { nextSequence: (read('seqnum') + 1) % SEQUENCES, lastTimestamp: read('timestamp') };
  }
}
