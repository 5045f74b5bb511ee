import { randomBytes } from 'node:crypto';
import { SOUNDS, type SoundFormat, type SoundName } from './odd-sounds.js';
import { evenly, inTurns, isCue, type Timeline } from './odd-clock.js';
import { aacFrames, nalType, pictureUnits, type PictureClip } from './clips.js';
import { jpegPictures, splitJpeg } from './odd-jpeg.js';

/** What a camera offers. */
export type OddTrackOptions =
  | ({
      readonly kind: 'h264' | 'h265';
      readonly turns?: Parameters<typeof inTurns>[0];
      /** NAL units in front of each picture, by its number in the clip. */
      readonly before?: (n: number) => readonly Buffer[];
    } & Partial<Omit<PictureClip, 'codec'>> &
      OddFormat)
  | ({
      readonly kind: 'pcmu' | 'pcma' | 'l16' | 'unknown';
      readonly hz?: number;
      /** Only during cues. */
      readonly isBeeping?: boolean;
    } & OddFormat)
  | ({ readonly kind: SoundName; readonly hz?: number } & OddFormat)
  | ({
      readonly kind: 'aac';
      readonly hz?: number;
      readonly rate?: number;
      /** Random bytes instead of sound: always, or with a frame that can be decoded now and then. */
      readonly garbage?: 'always' | 'mostly';
    } & OddFormat)
  | ({ readonly kind: 'jpeg' } & Partial<Pick<PictureClip, 'size' | 'fps' | 'seconds'>> & OddFormat)
  | ({ readonly kind: 'metadata' | 'back' } & OddFormat);

interface OddFormat {
  /** In place of the right `a=fmtp`; empty: none. */
  readonly fmtp?: string;
  /** In place of the right `a=rtpmap`; empty: none. */
  readonly rtpmap?: string;
  /** More lines of its section. */
  readonly lines?: readonly string[];
}

export interface OddPayload {
  readonly payload: Buffer;
  readonly isLast: boolean;
}

/** One track of a camera: its section of the SDP, and its packets. */
export interface OddTrack {
  readonly media: 'video' | 'audio' | 'application';
  readonly payloadType: number;
  readonly clockRate: number;
  /** When its units are sent. */
  readonly timeline: Timeline;
  /** Without `m=` and `a=control`. */
  readonly lines: readonly string[];
  /** Of the n-th unit. */
  payloads(n: number): OddPayload[];
}

const MTU = 1300;
const CHUNK_S = 0.02;
const NOISE_BYTES = 160;
const STATIC: Readonly<Record<string, number>> = { pcmu: 0, pcma: 8, jpeg: 26 };

export async function makeTrack(options: OddTrackOptions, index: number): Promise<OddTrack> {
  const payloadType = STATIC[options.kind] ?? 96 + index;
  switch (options.kind) {
    case 'h264':
    case 'h265':
      return pictureTrack(options, payloadType);
    case 'jpeg':
      return jpegTrack(options, payloadType);
    case 'aac':
      return aacTrack(options, payloadType);
    case 'metadata':
      return other('application', 'vnd.onvif.metadata/90000', payloadType, options);
    case 'back':
      return other('audio', 'PCMU/8000', payloadType, { ...options, lines: ['a=sendonly', ...(options.lines ?? [])] });
    case 'pcmu':
    case 'pcma':
    case 'l16':
    case 'unknown':
      return toneTrack(options, payloadType);
    default:
      return soundTrack(options, payloadType);
  }
}

function formatLines(payloadType: number, rtpmap: string, fmtp: string, options: OddFormat): string[] {
  const map = options.rtpmap ?? rtpmap;
  const parameters = options.fmtp ?? fmtp;
  return [
    ...(map === '' ? [] : [`a=rtpmap:${payloadType} ${map}`]),
    ...(parameters === '' ? [] : [`a=fmtp:${payloadType} ${parameters}`]),
    ...(options.lines ?? []),
  ];
}

async function pictureTrack(
  options: Extract<OddTrackOptions, { kind: 'h264' | 'h265' }>,
  payloadType: number,
): Promise<OddTrack> {
  const {
    kind: codec,
    picture = 'testsrc2',
    size = '640x360',
    fps = 25,
    gop = 25,
    seconds = 4,
    encoder = [],
    turns,
    before = () => [],
  } = options;
  const coded = await pictureUnits({ codec, picture, size, fps, gop, seconds, encoder });
  const units = coded.map((unit, n) => [...before(n), ...unit]);
  const setOf = (type: number): string =>
    (units[0]?.find((nal) => nalType(nal, codec) === type) ?? Buffer.alloc(0)).toString('base64');
  const fmtp =
    codec === 'h264'
      ? `packetization-mode=1;sprop-parameter-sets=${setOf(7)},${setOf(8)}`
      : `sprop-vps=${setOf(32)};sprop-sps=${setOf(33)};sprop-pps=${setOf(34)}`;
  const split = codec === 'h264' ? splitH264 : splitH265;
  // Where rates take turns, pictures of the clip are left out.
  const timeline = turns ? inTurns(turns) : evenly(1 / fps);
  return {
    media: 'video',
    payloadType,
    clockRate: 90_000,
    timeline,
    lines: formatLines(payloadType, `${codec.toUpperCase()}/90000`, fmtp, options),
    payloads: (n) => {
      const unit = Math.round(timeline.atS(n) * fps);
      const payloads = (units[unit % units.length] ?? []).flatMap((nal) => split(nal));
      return payloads.map((payload, at) => ({ payload, isLast: at === payloads.length - 1 }));
    },
  };
}

async function jpegTrack(options: Extract<OddTrackOptions, { kind: 'jpeg' }>, payloadType: number): Promise<OddTrack> {
  const { size = '640x360', fps = 25, seconds = 4 } = options;
  const pictures = (await jpegPictures(size, fps, seconds)).map((picture) => splitJpeg(picture, MTU));
  return {
    media: 'video',
    payloadType,
    clockRate: 90_000,
    timeline: evenly(1 / fps),
    lines: formatLines(payloadType, '', '', options),
    payloads: (n) => {
      const parts = pictures[n % pictures.length] ?? [];
      return parts.map((payload, at) => ({ payload, isLast: at === parts.length - 1 }));
    },
  };
}

/** Fragmentation units of RFC 6184. */
function splitH264(nal: Buffer): Buffer[] {
  const head = nal.readUInt8(0);
  return split(nal, 1, (first, last) => [(head & 0xe0) | 28, (head & 31) | (first ? 0x80 : 0) | (last ? 0x40 : 0)]);
}

/** Fragmentation units of RFC 7798. */
function splitH265(nal: Buffer): Buffer[] {
  const [head, second] = [nal.readUInt8(0), nal.readUInt8(1)];
  const type = (head >> 1) & 63;
  return split(nal, 2, (first, last) => [
    (head & 0x81) | (49 << 1),
    second,
    type | (first ? 0x80 : 0) | (last ? 0x40 : 0),
  ]);
}

function split(nal: Buffer, headBytes: number, header: (first: boolean, last: boolean) => number[]): Buffer[] {
  if (nal.length <= MTU) return [nal];
  const parts: Buffer[] = [];
  for (let at = headBytes; at < nal.length; at += MTU) {
    const isLast = at + MTU >= nal.length;
    parts.push(Buffer.concat([Buffer.from(header(at === headBytes, isLast)), nal.subarray(at, at + MTU)]));
  }
  return parts;
}

async function aacTrack(options: Extract<OddTrackOptions, { kind: 'aac' }>, payloadType: number): Promise<OddTrack> {
  const { hz = 440, rate = 48_000, garbage } = options;
  const { frames, config } = await aacFrames(hz, rate);
  const fmtp = `streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=${config}`;
  return {
    media: 'audio',
    payloadType,
    clockRate: rate,
    timeline: evenly(1024 / rate),
    lines: formatLines(payloadType, `mpeg4-generic/${rate}/1`, fmtp, options),
    payloads: (n) => {
      const frame = frames[n % frames.length] ?? Buffer.alloc(0);
      const isGarbage = garbage === 'always' || (garbage === 'mostly' && n % 48 > 3);
      const head = Buffer.from([0, 16, frame.length >> 5, (frame.length << 3) & 0xff]);
      return [{ payload: Buffer.concat([head, isGarbage ? randomBytes(frame.length) : frame]), isLast: true }];
    },
  };
}

function toneTrack(
  options: Extract<OddTrackOptions, { kind: 'pcmu' | 'pcma' | 'l16' | 'unknown' }>,
  payloadType: number,
): OddTrack {
  const { kind, hz = 440, isBeeping = false } = options;
  const rate = kind === 'l16' ? 48_000 : 8000;
  const names = { pcmu: 'PCMU/8000', pcma: 'PCMA/8000', l16: 'L16/48000/1', unknown: 'X-ODD/8000' };
  const encode = { pcmu: muLaw, pcma: aLaw, l16: bigEndian, unknown: noise }[kind];
  return {
    media: 'audio',
    payloadType,
    clockRate: rate,
    timeline: evenly(CHUNK_S),
    lines: formatLines(payloadType, names[kind], '', options),
    payloads: (n) => {
      const count = Math.round(rate * CHUNK_S);
      const level = isBeeping && !isCue(n * CHUNK_S) ? 0 : 8000;
      const samples = Array.from({ length: count }, (_, at) =>
        Math.round(level * Math.sin((2 * Math.PI * hz * (n * count + at)) / rate)),
      );
      return [{ payload: encode(samples), isLast: false }];
    },
  };
}

async function soundTrack(
  options: Extract<OddTrackOptions, { kind: SoundName }>,
  dynamicType: number,
): Promise<OddTrack> {
  const { kind, hz = 440 } = options;
  const format: SoundFormat = SOUNDS[kind];
  const { rtpmap, clockRate, periodS, payloadType = dynamicType, head = Buffer.alloc(0), isMarked = false } = format;
  const frames = await format.frames(hz);
  return {
    ...{ media: 'audio', payloadType, clockRate, timeline: evenly(periodS) },
    lines: formatLines(payloadType, rtpmap, '', options),
    payloads: (n) => [{ payload: Buffer.concat([head, frames[n % frames.length] ?? head]), isLast: isMarked }],
  };
}

const other = (media: 'audio' | 'application', rtpmap: string, payloadType: number, options: OddFormat): OddTrack => ({
  media,
  payloadType,
  clockRate: media === 'audio' ? 8000 : 90_000,
  timeline: evenly(1),
  lines: formatLines(payloadType, rtpmap, '', options),
  payloads: () => (media === 'audio' ? [] : [{ payload: Buffer.from('<tt:MetadataStream/>'), isLast: true }]),
});

const noise = (): Buffer => randomBytes(NOISE_BYTES);
const muLaw = (samples: readonly number[]): Buffer => Buffer.from(samples.map(muLawOf));
const aLaw = (samples: readonly number[]): Buffer => Buffer.from(samples.map(aLawOf));

function bigEndian(samples: readonly number[]): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [at, sample] of samples.entries()) bytes.writeInt16BE(sample, at * 2);
  return bytes;
}

/** ITU-T G.711. */
function muLawOf(sample: number): number {
  const value = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.floor(Math.log2(value)) - 7;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | ((value >> (exponent + 3)) & 15)) & 0xff;
}

/** ITU-T G.711. */
function aLawOf(sample: number): number {
  const value = Math.min(Math.abs(sample), 32_635);
  const exponent = value < 256 ? 0 : Math.floor(Math.log2(value)) - 7;
  const mantissa = (value >> (exponent === 0 ? 4 : exponent + 3)) & 15;
  return ((sample >= 0 ? 0x80 : 0) | (exponent << 4) | mantissa) ^ 0x55;
}
