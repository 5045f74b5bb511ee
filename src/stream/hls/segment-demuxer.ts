/** Compressed pictures or sound out of a segment, in the order of decoding. */
export interface MediaSample {
  /** What it belongs to. */
  readonly kind: 'pictures' | 'sound';
  /** A whole picture, or whole frames of sound. */
  readonly data: Uint8Array;
  /** When it is presented, on the clock of the stream, ms. */
  readonly ptsMs: number;
  /** When it is decoded, on the same clock, ms. */
  readonly dtsMs: number;
}

/** What a stream consists of, as caps of GStreamer; absent what it does not have, or what nothing here knows. */
export interface MediaTracks {
  /** Of the pictures. */
  readonly pictures?: string;
  /** Of the sound. */
  readonly sound?: string;
}

/** Takes the segments of a rendition apart, one after the other. */
export interface SegmentDemuxer {
  /** As far as they are known. */
  readonly tracks: MediaTracks;
  /** What keeps the stream from being played, such as encryption; `undefined`: nothing. */
  readonly problem: string | undefined;
  /** Takes a whole segment, or a whole part of one. */
  push(segment: Buffer): MediaSample[];
}
