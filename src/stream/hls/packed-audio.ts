import { splitAdts } from './adts.js';
import type { MediaSample, MediaTracks, SegmentDemuxer } from './segment-demuxer.js';

/** Owner of the ID3 frame that holds the time of the first sample, 90 kHz. */
const OWNER = 'com.apple.streaming.transportStreamTimestamp\0';
const TAG_HEADER_BYTES = 10;
const TICKS_A_MS = 90;
const HIGH_WORD = 2 ** 32;

/** Segments of nothing but AAC, with an ID3 tag before it that says its time (RFC 8216, section 3.4). */
export class PackedAudioDemuxer implements SegmentDemuxer {
  /** As of `SegmentDemuxer`. */
  readonly tracks: MediaTracks = { sound: 'audio/mpeg,mpegversion=(int)4,stream-format=adts' };
  /** As of `SegmentDemuxer`. */
  readonly problem = undefined;
  readonly #unwrap: (ptsMs: number) => number;

  /** Of one rendition. @param unwrap - puts a time that wraps near those before it */
  constructor(unwrap: (ptsMs: number) => number) {
    this.#unwrap = unwrap;
  }

  /** Takes a whole segment. */
  push(segment: Buffer): MediaSample[] {
    const end = endOfTags(segment);
    const tag = segment.indexOf(OWNER);
    const at = tag + OWNER.length;
    const ticks = tag < 0 || at + 8 > end ? 0 : segment.readUInt32BE(at) * HIGH_WORD + segment.readUInt32BE(at + 4);
    const firstMs = this.#unwrap(ticks / TICKS_A_MS);
    return splitAdts(segment.subarray(end)).frames.map(({ data, offsetMs }) => {
      return { kind: 'sound', data, ptsMs: firstMs + offsetMs, dtsMs: firstMs + offsetMs };
    });
  }
}

/** Whether a segment is one of {@link PackedAudioDemuxer}. */
export const isPackedAudio = (segment: Buffer): boolean =>
  segment.toString('latin1', 0, 3) === 'ID3' || (segment[0] === 0xff && ((segment[1] ?? 0) & 0xf6) === 0xf0);

function endOfTags(bytes: Buffer): number {
  let at = 0;
  while (at + TAG_HEADER_BYTES <= bytes.length && bytes.toString('latin1', at, at + 3) === 'ID3') {
    const size = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + ((bytes[at + index] ?? 0) & 0x7f), 0);
    at += TAG_HEADER_BYTES + size;
  }
  return Math.min(at, bytes.length);
}
