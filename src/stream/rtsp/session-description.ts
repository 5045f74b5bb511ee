import { parse } from 'sdp-transform';
import type { Size } from '../../shared/domain/box.js';
import type { KeyframeRequestKind } from './keyframe-request.js';
import { h264PictureSize, h265PictureSize } from './picture-size.js';
import { STATIC_PAYLOAD_TYPES, type PayloadFormat } from './static-payload-types.js';

/** `other`: metadata, back channels, and whatever a stream cannot show or play. */
export type TrackKind = 'video' | 'audio' | 'other';

/** A track that a camera offers. */
export interface OfferedTrack extends PayloadFormat {
  /** Its place in the description, from 0. */
  readonly index: number;
  /** What it is for. */
  readonly kind: TrackKind;
  /** Why it is `other`, as in `a back channel`; absent for video and sound. */
  readonly use?: string;
  /** The one that its format belongs to. */
  readonly payloadType: number;
  /** Parameters of the format by their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** `a=control`; empty where the track has none. */
  readonly control: string;
  /** Of the pictures, where the description tells. */
  readonly size?: Size;
  /** The kinds of requests for keyframes that the camera takes by RTCP. */
  readonly feedback: readonly KeyframeRequestKind[];
  /** Its lines for a receiver: format, parameters, size; without `m=` and `a=control`. */
  readonly lines: readonly string[];
}

/** What `DESCRIBE` answered. */
export interface OfferedSession {
  /** `a=control` of the session; empty where there is none. */
  readonly control: string;
  /** In the order of the description. */
  readonly tracks: readonly OfferedTrack[];
}

type Media = ReturnType<typeof parse>['media'][number];

const METADATA = /^vnd\.onvif\.metadata/i;
const SIZE = /^(?:framesize:(?:\d+ )?|x-dimensions:|x-framesize:)\s*(\d{1,5})\s*[-,x ]\s*(\d{1,5})/i;
/** Attributes that a receiver can use; others may contradict what is chosen. */
const KEPT = /^(?:framesize|x-dimensions|x-framerate):[\x20-\x7e]{0,200}$/i;
const MAX_TRACKS = 32;
const PARAMETER_SET_VALUE = /^[A-Za-z0-9+/=,]*$/;

/**
 * Reads a session description (RFC 8866), however carelessly it was written: formats that a payload type stands for
 * are filled in, tracks that are neither pictures nor sound are told.
 */
export function parseSessionDescription(text: string): OfferedSession {
  const described = parse(text.replace(/\r\n?/g, '\n').replace(/\0/g, ''));
  const media = described.media.slice(0, MAX_TRACKS);
  const isVideoSent = media.some(({ type, direction }) => type === 'video' && direction === 'sendonly');
  return {
    control: textOf(described.control),
    tracks: media.map((section, index) => offeredTrack(section, index, isVideoSent)),
  };
}

/** A track in words, such as `1: video H264 1280x720`. */
export function describeTrack({ index, kind, use, encoding, clockRate, size }: OfferedTrack): string {
  const detail = size ? ` ${size.width}x${size.height}` : kind === 'audio' ? ` ${clockRate} Hz` : '';
  return `${index}: ${use ?? kind} ${encoding}${detail}`;
}

/**
 * The description that a receiver is given: only these tracks, each with the one format that was read.
 *
 * @param controlOf - `a=control` of a track
 */
export function writeSessionDescription(
  tracks: readonly OfferedTrack[],
  controlOf: (track: OfferedTrack) => string,
): string {
  const head = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 127.0.0.1', 't=0 0', 'a=control:*'];
  const sections = tracks.flatMap((track) => [
    `m=${track.kind} 0 RTP/AVP ${track.payloadType}`,
    ...track.lines,
    `a=control:${controlOf(track)}`,
  ]);
  return [...head, ...sections, ''].join('\r\n');
}

function offeredTrack(media: Media, index: number, isVideoSent: boolean): OfferedTrack {
  const payloadType = payloadTypesOf(media)[0] ?? -1;
  const format = formatOf(media, payloadType);
  const configured = media.fmtp.find(({ payload }) => payload === payloadType)?.config ?? '';
  const parameters = parseParameters(textOf(configured));
  const { kind, use } = kindOf(media, format, isVideoSent);
  const attributes = (media.invalid ?? []).map(({ value }) => value);
  const size = kind === 'video' ? sizeOf(format, parameters, attributes) : undefined;
  const feedback = (media.rtcpFb ?? [])
    .filter(({ payload }) => payload === '*' || Number(payload) === payloadType)
    .map(({ type, subtype }) => `${type} ${subtype ?? ''}`)
    .flatMap((wish): KeyframeRequestKind[] =>
      wish.startsWith('nack pli') ? ['pli'] : wish.startsWith('ccm fir') ? ['fir'] : [],
    );
  const channels = format.channels === undefined ? '' : `/${format.channels}`;
  const written = [...parameters].map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join(';');
  return {
    index,
    kind,
    ...(use === undefined ? {} : { use }),
    ...format,
    payloadType,
    parameters,
    control: textOf(media.control),
    ...(size === undefined ? {} : { size }),
    feedback,
    lines: [
      `a=rtpmap:${payloadType} ${format.encoding}/${format.clockRate}${channels}`,
      ...(written === '' ? [] : [`a=fmtp:${payloadType} ${written}`]),
      ...(Number(media.framerate) > 0 ? [`a=framerate:${Number(media.framerate)}`] : []),
      ...attributes.filter((attribute) => KEPT.test(attribute)).map((attribute) => `a=${attribute}`),
    ],
  };
}

/** Of a camera that lists several, it sends the first. */
function payloadTypesOf({ payloads }: Media): number[] {
  return textOf(payloads)
    .split(/\s+/)
    .filter((word) => /^\d{1,3}$/.test(word))
    .map(Number)
    .filter((type) => type <= 127);
}

function formatOf(media: Media, payloadType: number): PayloadFormat {
  const mapped = media.rtp.find(({ payload }) => payload === payloadType);
  const known = STATIC_PAYLOAD_TYPES.get(payloadType);
  if (mapped === undefined) return known ?? { encoding: 'unknown', clockRate: 90_000 };
  const channels = Number(mapped.encoding);
  const clockRate = Number(mapped.rate);
  return {
    // What looks like a number was read as one.
    encoding: textOf(mapped.codec).toUpperCase(),
    clockRate: clockRate > 0 ? clockRate : (known?.clockRate ?? 90_000),
    ...(channels > 0 ? { channels } : known?.channels === undefined ? {} : { channels: known.channels }),
  };
}

function kindOf(media: Media, { encoding }: PayloadFormat, isVideoSent: boolean): Pick<OfferedTrack, 'kind' | 'use'> {
  if (METADATA.test(encoding) || media.type === 'application') return { kind: 'other', use: 'metadata' };
  if (media.type === 'video') return { kind: 'video' };
  if (media.type !== 'audio') return { kind: 'other', use: textOf(media.type) };
  // Towards the camera; unless the camera has mistaken the direction of everything.
  if (media.direction === 'sendonly' && !isVideoSent) return { kind: 'other', use: 'a back channel' };
  return { kind: 'audio' };
}

/** `a=fmtp`: names and values, separated by semicolons. Values that could end a line are left out. */
function parseParameters(config: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of config.split(';')) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? '' : part.slice(equals + 1).trim();
    if (/^[\x21-\x7e]{1,64}$/.test(name) && /^[\x20-\x7e]{0,8192}$/.test(value)) parameters.set(name, value);
  }
  return parameters;
}

function sizeOf(
  { encoding }: PayloadFormat,
  parameters: ReadonlyMap<string, string>,
  attributes: readonly string[],
): Size | undefined {
  const [, width, height] = attributes.map((text) => SIZE.exec(text)).find((found) => found !== null) ?? [];
  if (Number(width) > 0 && Number(height) > 0) return { width: Number(width), height: Number(height) };
  if (encoding === 'H264') {
    return parameterSets(parameters.get('sprop-parameter-sets'))
      .filter((set) => ((set[0] ?? 0) & 0x1f) === 7)
      .map(h264PictureSize)
      .find((size) => size !== undefined);
  }
  if (encoding !== 'H265') return undefined;
  return parameterSets(parameters.get('sprop-sps'))
    .map(h265PictureSize)
    .find((size) => size !== undefined);
}

function parameterSets(value = ''): Buffer[] {
  if (!PARAMETER_SET_VALUE.test(value)) return [];
  return value.split(',').map((set) => Buffer.from(set, 'base64'));
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
