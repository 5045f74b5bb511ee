/** A stream of a program. */
export interface ProgramStream {
  /** Packets with this number carry it. */
  readonly pid: number;
  /** What it is for. */
  readonly kind: 'pictures' | 'sound';
  /** Caps of GStreamer; absent: encrypted. */
  readonly caps?: string;
}

const VIDEO = (name: string): Omit<ProgramStream, 'pid'> => ({
  kind: 'pictures',
  caps: `video/x-${name},stream-format=byte-stream`,
});
const SOUND = (caps: string): Omit<ProgramStream, 'pid'> => ({ kind: 'sound', caps });
const AC3 = SOUND('audio/x-ac3');
const EAC3 = SOUND('audio/x-eac3');

/** Streams by their type (ISO 13818-1, ATSC A/52, HLS sample encryption). */
const TYPES: Readonly<Record<number, Omit<ProgramStream, 'pid'>>> = {
  0x03: SOUND('audio/mpeg,mpegversion=(int)1'),
  0x04: SOUND('audio/mpeg,mpegversion=(int)1'),
  0x0f: SOUND('audio/mpeg,mpegversion=(int)4,stream-format=adts'),
  0x11: SOUND('audio/mpeg,mpegversion=(int)4,stream-format=loas'),
  0x1b: VIDEO('h264'),
  0x24: VIDEO('h265'),
  0x81: AC3,
  0x87: EAC3,
  0xcf: { kind: 'sound' },
  0xdb: { kind: 'pictures' },
};
/** Private data, told apart by its descriptors. */
const PRIVATE = 0x06;
const AC3_DESCRIPTOR = 0x6a;
const EAC3_DESCRIPTOR = 0x7a;
const TABLE_HEADER_BYTES = 8;
const CRC_BYTES = 4;

/** The packets that carry the table of the first program; `undefined` where the table of programs names none. */
export function parseProgramTable(section: Buffer): number | undefined {
  const end = section.length - CRC_BYTES;
  for (let at = TABLE_HEADER_BYTES; at + 4 <= end; at += 4) {
    if (section.readUInt16BE(at) !== 0) return section.readUInt16BE(at + 2) & 0x1fff;
  }
  return undefined;
}

/** The streams of a program that are known here, in their order. */
export function parseProgram(section: Buffer): ProgramStream[] {
  const end = section.length - CRC_BYTES;
  const streams: ProgramStream[] = [];
  if (end < TABLE_HEADER_BYTES + 4) return streams;
  let at = TABLE_HEADER_BYTES + 4 + (section.readUInt16BE(TABLE_HEADER_BYTES + 2) & 0xfff);
  while (at + 5 <= end) {
    const type = section[at] ?? 0;
    const pid = section.readUInt16BE(at + 1) & 0x1fff;
    const descriptors = section.subarray(at + 5, Math.min(end, at + 5 + (section.readUInt16BE(at + 3) & 0xfff)));
    const stream = type === PRIVATE ? privateStream(descriptors) : TYPES[type];
    if (stream) streams.push({ pid, ...stream });
    at += 5 + (section.readUInt16BE(at + 3) & 0xfff);
  }
  return streams;
}

function privateStream(descriptors: Buffer): Omit<ProgramStream, 'pid'> | undefined {
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + (descriptors[at + 1] ?? 0)) {
    if (descriptors[at] === AC3_DESCRIPTOR) return AC3;
    if (descriptors[at] === EAC3_DESCRIPTOR) return EAC3;
  }
  return undefined;
}
