import { parseAudioConfig, withAdtsHeader } from './adts.js';
import { boxesIn, ByteReader, findBox, readUInt64 } from './mp4-boxes.js';

/** A track of an initialisation section. */
export interface Mp4Track {
  /** Its number. */
  readonly id: number;
  /** What it is for. */
  readonly kind: 'pictures' | 'sound';
  /** Ticks a second. */
  readonly timescale: number;
  /** Taken from its times, ticks. */
  readonly editStart: number;
  /** Caps of GStreamer; absent: encrypted, or nothing here knows it. */
  readonly caps?: string;
  /** Why not, in words. */
  readonly problem?: string;
  /** From a sample to what these caps say. */
  readonly convert: (sample: Buffer) => Buffer;
  /** Of samples that say nothing of themselves. */
  readonly defaults: SampleDefaults;
}

/** What counts for samples that say nothing of themselves. */
export interface SampleDefaults {
  /** Ticks. */
  readonly duration: number;
  /** Bytes. */
  readonly size: number;
}

type Format = Pick<Mp4Track, 'caps' | 'problem' | 'convert'>;

const START_CODE = Buffer.from([0, 0, 0, 1]);
const VISUAL_ENTRY_BYTES = 78;
const AUDIO_ENTRY_BYTES = 28;
const as = (sample: Buffer): Buffer => sample;

/** The tracks of an initialisation section (`moov`), in their order. */
export function parseInit(bytes: Buffer): Mp4Track[] {
  const moov = findBox(bytes, 'moov');
  if (!moov) return [];
  const defaults = new Map(
    boxesIn(findBox(moov, 'mvex') ?? Buffer.alloc(0)).flatMap(({ type, content }) =>
      type === 'trex' && content.length >= 20
        ? [[content.readUInt32BE(4), { duration: content.readUInt32BE(12), size: content.readUInt32BE(16) }] as const]
        : [],
    ),
  );
  return boxesIn(moov).flatMap(({ type, content }) => {
    const track = type === 'trak' ? parseTrack(content) : undefined;
    return track ? [{ ...track, defaults: defaults.get(track.id) ?? { duration: 0, size: 0 } }] : [];
  });
}

function parseTrack(trak: Buffer): Omit<Mp4Track, 'defaults'> | undefined {
  const [tkhd, mdhd, hdlr] = [findBox(trak, 'tkhd'), findBox(trak, 'mdia', 'mdhd'), findBox(trak, 'mdia', 'hdlr')];
  const entries = findBox(trak, 'mdia', 'minf', 'stbl', 'stsd');
  if (!tkhd || !mdhd || !hdlr || !entries) return undefined;
  const handler = hdlr.toString('latin1', 8, 12);
  const kind = handler === 'vide' ? 'pictures' : handler === 'soun' ? 'sound' : undefined;
  const [entry] = boxesIn(entries.subarray(8));
  const idAt = tkhd[0] === 1 ? 20 : 12;
  const timescaleAt = mdhd[0] === 1 ? 20 : 12;
  if (!kind || !entry || tkhd.length < idAt + 4 || mdhd.length < timescaleAt + 4) return undefined;
  const timescale = mdhd.readUInt32BE(timescaleAt);
  if (timescale === 0) return undefined;
  const format =
    kind === 'pictures' ? pictureFormat(entry.type, entry.content) : soundFormat(entry.type, entry.content);
  return {
    id: tkhd.readUInt32BE(idAt),
    kind,
    timescale,
    editStart: editStartOf(findBox(trak, 'edts', 'elst')),
    ...format,
  };
}

/** Where the first edit begins in the track, ticks; what is empty before it is left out. */
function editStartOf(list: Buffer | undefined): number {
  if (!list || list.length < 16) return 0;
  const isLarge = list[0] === 1;
  const entryBytes = isLarge ? 20 : 12;
  for (let at = 8; at + entryBytes <= list.length; at += entryBytes) {
    const isEmpty = list.readInt32BE(at + (isLarge ? 8 : 4)) < 0;
    if (!isEmpty) return isLarge ? readUInt64(list, at + 8) : list.readUInt32BE(at + 4);
  }
  return 0;
}

function pictureFormat(type: string, entry: Buffer): Format {
  const boxes = entry.subarray(VISUAL_ENTRY_BYTES);
  const [avcC, hvcC] = [findBox(boxes, 'avcC'), findBox(boxes, 'hvcC')];
  if (type.startsWith('avc') && avcC && avcC.length > 6) {
    const sets = avcParameterSets(avcC);
    const lengthBytes = ((avcC[4] ?? 0) & 3) + 1;
    const isKey = (nal: Buffer): boolean => ((nal[0] ?? 0) & 0x1f) === 5;
    return nalFormat('h264', sets, lengthBytes, isKey);
  }
  if (/^(?:hvc|hev)/.test(type) && hvcC && hvcC.length > 22) {
    const lengthBytes = ((hvcC[21] ?? 0) & 3) + 1;
    const isKey = (nal: Buffer): boolean => (nal[0] ?? 0) >> 1 >= 16 && (nal[0] ?? 0) >> 1 <= 21;
    return nalFormat('h265', hevcParameterSets(hvcC), lengthBytes, isKey);
  }
  return { problem: type === 'encv' ? 'is encrypted' : `has pictures in ${type}`, convert: as };
}

/** Pictures as a byte stream, with the parameter sets before each that decoding can begin with. */
function nalFormat(
  codec: 'h264' | 'h265',
  parameterSets: readonly Buffer[],
  lengthBytes: number,
  isKey: (nal: Buffer) => boolean,
): Format {
  return {
    caps: `video/x-${codec},stream-format=byte-stream,alignment=au`,
    convert: (sample) => {
      const nals: Buffer[] = [];
      for (let at = 0; at + lengthBytes <= sample.length;) {
        const length = sample.readUIntBE(at, lengthBytes);
        nals.push(sample.subarray(at + lengthBytes, at + lengthBytes + length));
        at += lengthBytes + length;
      }
      const all = nals.some(isKey) ? [...parameterSets, ...nals] : nals;
      return Buffer.concat(all.flatMap((nal) => [START_CODE, nal]));
    },
  };
}

function avcParameterSets(config: Buffer): Buffer[] {
  const reader = new ByteReader(config.subarray(5));
  const sets: Buffer[] = [];
  for (const mask of [0x1f, 0xff]) {
    for (let left = reader.uint(1) & mask; left > 0 && !reader.isOver(); left -= 1)
      sets.push(reader.take(reader.uint(2)));
  }
  return sets;
}

function hevcParameterSets(config: Buffer): Buffer[] {
  const reader = new ByteReader(config.subarray(22));
  const sets: Buffer[] = [];
  for (let arrays = reader.uint(1); arrays > 0 && !reader.isOver(); arrays -= 1) {
    reader.skip(1);
    for (let left = reader.uint(2); left > 0 && !reader.isOver(); left -= 1) sets.push(reader.take(reader.uint(2)));
  }
  return sets;
}

function soundFormat(type: string, entry: Buffer): Format {
  const boxes = entry.subarray(AUDIO_ENTRY_BYTES);
  if (type === 'mp4a') {
    const config = audioConfigOf(findBox(boxes, 'esds') ?? findBox(boxes, 'wave', 'esds'));
    const aac = config && parseAudioConfig(config);
    if (!aac) return { problem: 'has sound in MPEG-4 that is no plain AAC', convert: as };
    return {
      caps: 'audio/mpeg,mpegversion=(int)4,stream-format=adts',
      convert: (sample) => withAdtsHeader(sample, aac),
    };
  }
  if (type === 'ac-3') return { caps: 'audio/x-ac3', convert: as };
  if (type === 'ec-3') return { caps: 'audio/x-eac3', convert: as };
  if (type === 'Opus') {
    return { caps: 'audio/x-opus,channel-mapping-family=(int)0,channels=(int)2,rate=(int)48000', convert: as };
  }
  return { problem: type === 'enca' ? 'is encrypted' : `has sound in ${type}`, convert: as };
}

/** The AudioSpecificConfig in an `esds` box: the descriptor with the tag 5, within those with 3 and 4. */
function audioConfigOf(esds: Buffer | undefined): Buffer | undefined {
  if (!esds) return undefined;
  const reader = new ByteReader(esds.subarray(4));
  while (!reader.isOver()) {
    const tag = reader.uint(1);
    let length = 0;
    for (let more = true; more && !reader.isOver();) {
      const byte = reader.uint(1);
      length = (length << 7) | (byte & 0x7f);
      more = (byte & 0x80) !== 0;
    }
    if (tag === 5) return reader.take(length);
    if (tag === 3) {
      reader.skip(2);
      const flags = reader.uint(1);
      if ((flags & 0x80) !== 0) reader.skip(2);
      if ((flags & 0x40) !== 0) reader.skip(reader.uint(1));
      if ((flags & 0x20) !== 0) reader.skip(2);
    } else if (tag === 4) reader.skip(13);
    else reader.skip(length);
  }
  return undefined;
}
