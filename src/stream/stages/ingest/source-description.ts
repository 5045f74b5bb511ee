import type { DecoderChoice } from './decoder-choice.js';
import type { RtspSource } from '../../rtsp/rtsp-source.js';
import type { SourceInfo } from './source-session.js';

/** Factories of decoders among those of a playing file. */
const DECODER = /dec/;
const VIDEO_CODEC = /264|265|hevc|vp[89]|av1|mpeg[24]|mpeg2video|jpeg|theora|prores|h263|vc1|wmv/;

/** Names that RTP sources have for codecs, by what GStreamer's tags may say. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\bH\.?264\b|\bAVC\b/i, 'H.264'],
  [/\bH\.?265\b|\bHEVC\b/i, 'H.265'],
  [/\bAAC\b/i, 'AAC'],
  [/\bOpus\b/i, 'Opus'],
  [/MPEG-[12].*layer|\bMP[23]\b/i, 'MPEG audio'],
  [/\bJPEG\b/i, 'Motion JPEG'],
  [/\bVP8\b/i, 'VP8'],
  [/\bVP9\b/i, 'VP9'],
  [/\bAC-?3\b/i, 'AC-3'],
  [/(\bmu|[µμ])-?law\b/i, 'G.711 µ-law'],
  [/\bA-?law\b/i, 'G.711 A-law'],
];

/** What is known about a file while it plays. */
export interface FileFacts {
  /** Of GStreamer. */
  readonly tags: Readonly<Record<string, string>>;
  /** No branch takes sound. */
  readonly hasNoSound: boolean;
  /** Frames have come. */
  readonly hasFrames: boolean;
  /** What was learned before. */
  readonly known: SourceInfo;
  /** The decoder that the graph was built with; `undefined` where GStreamer finds one. */
  readonly chosen: DecoderChoice | undefined;
  /** Why it is not a better one. */
  readonly notes: readonly string[];
  /** Factories of the graph's elements, looked up only where no decoder is known. */
  readonly factories: () => readonly string[];
}

/** What there is to say about a file; keys are absent where nothing is known. */
export function describeFile(facts: FileFacts): SourceInfo {
  const { tags, hasNoSound, hasFrames, known, chosen, notes, factories } = facts;
  const video = codecName(tags['video-codec']);
  const audio = hasNoSound
    ? 'none'
    : (codecName(tags['audio-codec']) ?? known.audio ?? (hasFrames ? 'unknown' : undefined));
  const decoder = chosen?.element ?? known.decoder ?? (hasFrames ? videoDecoderOf(factories()) : undefined);
  const reasons = [...(chosen === undefined ? [] : [chosen.reason]), ...notes];
  return {
    ...(video === undefined ? {} : { codec: video }),
    ...(audio === undefined ? {} : { audio }),
    ...(decoder === undefined ? {} : { decoder }),
    ...(reasons.length === 0 ? {} : { decoderReason: reasons.join('; ') }),
  };
}

/**
 * What there is to say about the pictures of an RTSP source; keys are absent where nothing is known.
 *
 * @param video - their codec
 * @param notes - why the decoder is not a better one
 */
export function describeDecoding(
  video: string | undefined,
  decoder: DecoderChoice | undefined,
  notes: readonly string[],
): SourceInfo {
  return {
    ...(video === undefined ? {} : { codec: video }),
    ...(decoder === undefined
      ? {}
      : { decoder: decoder.element, decoderReason: [decoder.reason, ...notes].join('; ') }),
  };
}

/** What there is to say about a camera before its first packet. */
export function describeCamera({ tracks, transport, transportReason, audio, audioReason }: RtspSource): SourceInfo {
  return {
    tracks,
    transport,
    transportReason,
    ...(audio === undefined ? { audio: 'none' } : {}),
    ...(audioReason === undefined ? {} : { audioReason }),
  };
}

/** `known` with `news`; `undefined` where nothing of it is new. */
export function mergeInfo(known: SourceInfo, news: SourceInfo): SourceInfo | undefined {
  const isNew = Object.entries(news).some(([key, value]) => known[key as keyof SourceInfo] !== value);
  return isNew ? { ...known, ...news } : undefined;
}

/** The first video decoder among the factories that `decodebin` used. */
function videoDecoderOf(factories: readonly string[]): string | undefined {
  return factories.find((factory) => DECODER.test(factory) && VIDEO_CODEC.test(factory));
}

/**
 * The codec's name, the same for every kind of source. Demuxers, parsers and decoders each write their own, and which of
 * them is heard last is chance: `H264`, `H.264 / AVC` and `H.264 (High Profile)` of one file.
 */
function codecName(tag: string | undefined): string | undefined {
  const known = NAMES.find(([pattern]) => tag !== undefined && pattern.test(tag));
  return known?.[1] ?? tag?.split(/[(/]/, 1)[0]?.trim();
}
