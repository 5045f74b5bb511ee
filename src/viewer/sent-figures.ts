/** What a device sends, as far as it is known. */
export interface SentFigures {
  /** Such as `H264`. */
  readonly codec?: string;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** Pictures a second. */
  readonly fps?: number;
  /** Of the pictures, kbit/s. */
  readonly kbps?: number;
  /** Share of the packets that the gateway did not get at once, in [0, 1]. */
  readonly lostRatio?: number;
  /** To the gateway and back, ms. */
  readonly roundTripMs?: number;
}

/** One entry of WebRTC's statistics, as far as it is read here. */
export type StatsEntry = Pick<RTCStats, 'type' | 'timestamp'> &
  Partial<Pick<RTCStats, 'id'>> &
  Partial<
    Pick<RTCOutboundRtpStreamStats, 'kind' | 'codecId' | 'frameWidth' | 'frameHeight' | 'framesPerSecond' | 'bytesSent'>
  > & {
    /** Of a codec. */
    readonly mimeType?: string;
    /** As the receiver reports it, in [0, 1]. */
    readonly fractionLost?: number;
    /** As the receiver's reports show it, s. */
    readonly roundTripTime?: number;
  };

/** How much had been sent at a reading, for the rate up to the next one. */
export interface SentBytes {
  /** Of the pictures. */
  readonly bytes: number;
  /** Of the statistics. */
  readonly timeMs: number;
}

/** What the statistics say of the pictures that are sent, and the bytes for the next reading. */
export function readSent(
  entries: readonly StatsEntry[],
  before: SentBytes | undefined,
): { readonly figures: SentFigures; readonly sent: SentBytes | undefined } {
  // Of several sizes the largest.
  const video = entries
    .filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video')
    .sort((a, b) => (b.frameWidth ?? 0) - (a.frameWidth ?? 0))[0];
  if (!video) return { figures: {}, sent: undefined };
  const remote = entries.find(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video');
  const codec = entries.find(({ id, type }) => type === 'codec' && id === video.codecId)?.mimeType;
  const sent = { bytes: video.bytesSent ?? 0, timeMs: video.timestamp };
  const elapsedMs = before ? sent.timeMs - before.timeMs : 0;
  const kbps = before && elapsedMs > 0 ? Math.round(((sent.bytes - before.bytes) * 8) / elapsedMs) : undefined;
  const { frameWidth, frameHeight, framesPerSecond } = video;
  return {
    sent,
    figures: {
      ...(codec !== undefined && { codec: codec.replace(/^video\//, '') }),
      ...(frameWidth !== undefined && { width: frameWidth }),
      ...(frameHeight !== undefined && { height: frameHeight }),
      ...(framesPerSecond !== undefined && { fps: framesPerSecond }),
      ...(kbps !== undefined && { kbps }),
      ...(remote?.fractionLost !== undefined && { lostRatio: remote.fractionLost }),
      ...(remote?.roundTripTime !== undefined && { roundTripMs: Math.round(remote.roundTripTime * 1000) }),
    },
  };
}
