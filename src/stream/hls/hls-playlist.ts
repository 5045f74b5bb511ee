import { parse, setOptions, types } from 'hls-parser';
import type { Size } from '../../shared/domain/box.js';

/** Bytes of a file. */
export interface PlaylistRange {
  /** Of the first. */
  readonly offset: number;
  /** How many. */
  readonly length: number;
}

/** What a segment is loaded by. Addresses are whole ones. */
export interface HlsResource {
  /** Where it is. */
  readonly uri: string;
  /** The part of it; absent: all. */
  readonly range?: PlaylistRange;
}

/** A segment, or a part of one that is not complete yet (low-latency HLS). */
export interface HlsUnit extends HlsResource {
  /** Length, s. */
  readonly durationS: number;
  /** Whether decoding can begin with it. */
  readonly isIndependent: boolean;
  /** It is missing on purpose. */
  readonly isGap: boolean;
}

/** A segment of a playlist. */
export interface HlsSegment {
  /** Its number. */
  readonly sequence: number;
  /** Time stamps may jump from one number to the next. */
  readonly discontinuity: number;
  /** All of it; absent while it is not complete. */
  readonly whole?: HlsUnit;
  /** Its parts, as long as the playlist names them. */
  readonly parts: readonly HlsUnit[];
  /** How it is encrypted; absent: not. */
  readonly key?: { readonly method: string; readonly uri: string; readonly iv: Uint8Array };
  /** Its initialisation section; absent: none is needed. */
  readonly map?: HlsResource;
}

/** A playlist of segments. */
export interface MediaPlaylist {
  /** Tells both kinds apart. */
  readonly kind: 'media';
  /** In their order. */
  readonly segments: readonly HlsSegment[];
  /** No segment is longer, s. */
  readonly targetS: number;
  /** Nothing more comes. */
  readonly isEnded: boolean;
  /** It is a recording, which begins at its beginning. */
  readonly isRecording: boolean;
  /** So far from its end playing is to begin, s. */
  readonly holdBackS: number;
  /** Length of parts, s; absent: there are none, or no waiting for them. */
  readonly partS?: number;
}

/** A way in which the same content is offered. */
export interface HlsVariant {
  /** Its playlist. */
  readonly uri: string;
  /** Bits a second, at most. */
  readonly bandwidth: number;
  /** As in RFC 6381; absent: not said. */
  readonly codecs?: string;
  /** Of the pictures; absent: not said. */
  readonly size?: Size;
  /** Sound that comes apart, the one to take first; empty: it comes with the pictures. */
  readonly sounds: readonly string[];
}

/** A playlist of playlists. */
export interface MasterPlaylist {
  /** Tells both kinds apart. */
  readonly kind: 'master';
  /** In their order. */
  readonly variants: readonly HlsVariant[];
}

/** So many target durations from the end playing begins where nothing else is said (RFC 8216bis, 4.4.3.8). */
const HOLD_BACK_TARGETS = 3;
const IV_BYTES = 16;
const MIN_TARGET_S = 0.1;
/** Larger numbers cannot be counted on. */
const MAX_SEQUENCE = 2 ** 48;
const MAX_TARGET_S = 60;
/** Of a playlist that does not say it. */
const DEFAULT_TARGET_S = 6;

setOptions({ silent: true, strictMode: false });

/**
 * Reads a playlist.
 *
 * @param url - of the playlist, for what it names relative to itself
 * @throws Error in words that name what is wrong
 */
export function parsePlaylist(text: string, url: URL): MasterPlaylist | MediaPlaylist {
  const playlist = parse(text.replace(/^\uFEFF/, ''));
  if (playlist instanceof types.MasterPlaylist) return { kind: 'master', variants: variantsOf(playlist, url) };
  if (playlist instanceof types.MediaPlaylist) return mediaOf(playlist, url);
  throw new Error('it is no playlist');
}

function variantsOf({ variants }: types.MasterPlaylist, url: URL): HlsVariant[] {
  return variants
    .filter(({ isIFrameOnly }) => isIFrameOnly !== true)
    .map(({ uri, bandwidth, codecs, resolution, audio }) => ({
      uri: resolve(uri, url),
      bandwidth,
      ...(codecs === undefined ? {} : { codecs }),
      ...(resolution === undefined ? {} : { size: resolution }),
      // The default comes first; what has no address is in the variant itself.
      sounds: audio.some((sound) => sound.isDefault && !sound.uri)
        ? []
        : [...audio]
            .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
            .flatMap((s) => (s.uri ? [resolve(s.uri, url)] : [])),
    }));
}

function mediaOf(playlist: types.MediaPlaylist, url: URL): MediaPlaylist {
  const { targetDuration, endlist, playlistType, lowLatencyCompatibility: low, partTargetDuration } = playlist;
  if (playlist.segments.some(({ mediaSequenceNumber }) => !(mediaSequenceNumber <= MAX_SEQUENCE)))
    throw new Error('its segments have numbers that are too large');
  const targetS = Math.min(MAX_TARGET_S, Math.max(MIN_TARGET_S, finite(targetDuration, DEFAULT_TARGET_S)));
  const segments = segmentsOf(playlist, url);
  const hasParts = segments.some(({ parts }) => parts.length > 0) && low?.canBlockReload === true;
  const partS = hasParts && partTargetDuration !== undefined && partTargetDuration > 0 ? partTargetDuration : undefined;
  const holdBackS = finite(low?.holdBack, HOLD_BACK_TARGETS * targetS);
  return {
    ...{ kind: 'media', segments, targetS, isEnded: endlist },
    isRecording: endlist && (playlistType !== undefined || (playlist.mediaSequenceBase ?? 0) <= 1),
    holdBackS: partS === undefined ? holdBackS : finite(low?.partHoldBack, HOLD_BACK_TARGETS * partS),
    ...(partS === undefined ? {} : { partS }),
  };
}

function segmentsOf({ segments, partTargetDuration = 0 }: types.MediaPlaylist, url: URL): HlsSegment[] {
  const ends = new Map<string, number>();
  const found: HlsSegment[] = [];
  for (const segment of segments) {
    const isWhole = segment.uri !== '';
    const before = found.at(-1);
    // hls-parser's types say that there is always one.
    const named = segment.map as types.MediaInitializationSection | null;
    const map = isWhole && named ? resourceOf(named, url, ends) : undefined;
    const key = isWhole ? keyOf(segment, url) : undefined;
    // Of the last one, which is not complete, hls-parser does not say these: they are those of the one before.
    const [ownKey, ownMap] = isWhole ? [key, map] : [before?.key && keyFor(before.key, segment), before?.map];
    found.push({
      sequence: segment.mediaSequenceNumber,
      discontinuity: segment.discontinuitySequence,
      ...(isWhole && { whole: unitOf(segment, segment.duration, true, url, ends) }),
      parts: segment.parts
        .filter(({ hint }) => !hint)
        .map((part) => unitOf(part, part.duration ?? partTargetDuration, part.independent === true, url, ends)),
      ...(ownKey === undefined ? {} : { key: ownKey }),
      ...(ownMap === undefined ? {} : { map: ownMap }),
    });
  }
  return found;
}

function unitOf(
  part: types.Segment | types.PartialSegment,
  durationS: number,
  isIndependent: boolean,
  url: URL,
  ends: Map<string, number>,
): HlsUnit {
  return {
    ...resourceOf(part, url, ends),
    ...{ durationS: Math.min(MAX_TARGET_S, finite(durationS, 0)), isIndependent, isGap: part.gap === true },
  };
}

/** Takes an address with its range. @param ends - where the range before ended in each file: a range without an offset goes on there */
function resourceOf(
  {
    uri,
    byterange,
  }: { readonly uri: string; readonly byterange?: types.MediaInitializationSection['byterange'] | null },
  url: URL,
  ends: Map<string, number>,
): HlsResource {
  const address = resolve(uri, url);
  if (!byterange?.length) return { uri: address };
  const offset =
    Number.isInteger(byterange.offset) && byterange.offset >= 0 ? byterange.offset : (ends.get(address) ?? 0);
  ends.set(address, offset + byterange.length);
  return { uri: address, range: { offset, length: byterange.length } };
}

function keyOf(segment: types.Segment, url: URL): HlsSegment['key'] {
  const key = segment.key as types.Key | null | undefined;
  if (!key || key.method === 'NONE') return undefined;
  const iv = key.iv === undefined ? ivOf(segment) : new Uint8Array(key.iv);
  return { method: key.method, uri: key.uri === undefined ? '' : resolve(key.uri, url), iv };
}

const keyFor = (key: NonNullable<HlsSegment['key']>, segment: types.Segment): HlsSegment['key'] => ({
  ...key,
  iv: ivOf(segment),
});

/** The number of the segment, where the playlist names no vector. */
function ivOf({ mediaSequenceNumber }: types.Segment): Uint8Array {
  const iv = Buffer.alloc(IV_BYTES);
  iv.writeUInt32BE(mediaSequenceNumber >>> 0, IV_BYTES - 4);
  return iv;
}

/** What a playlist says, where it is a number of 0 or more. */
const finite = (value: number | undefined, otherwise: number): number =>
  value !== undefined && Number.isFinite(value) && value >= 0 ? value : otherwise;

function resolve(uri: string, base: URL): string {
  if (!URL.canParse(uri, base.href)) throw new Error('it names an address that is none');
  const { href, protocol } = new URL(uri, base);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Error(`it names an address that begins with ${protocol}`);
  return href;
}
