import { BOX_HEADER_BYTES, readBox, type Mp4Box } from './mp4-boxes.js';

/** What the index of a fragmented file says of one track. */
export interface TrackTime {
  /** Units of time in one second. */
  readonly unitsPerS: number;
  /** Of a sample of which nothing else is said, units. */
  readonly defaultUnits: number;
  /** What it holds: `vide`, `soun`; empty where the index does not say. */
  readonly handler: string;
}

/** The flags of `tfhd` and `trun` for what is there, in the order in which it follows (ISO/IEC 14496-12). */
const TFHD = { baseOffset: 0x1, description: 0x2, duration: 0x8 } as const;
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, offset: 0x800 } as const;
/** Version and flags. */
const FULL_BOX_BYTES = 4;

/** The tracks of a fragmented file, by their numbers. @param moov - the box with its header */
export function trackTimes(moov: Buffer): ReadonlyMap<number, TrackTime> {
  const defaults = new Map(
    within(moov, ['mvex', 'trex']).map((trex) => [trex.readUInt32BE(FULL_BOX_BYTES), trex.readUInt32BE(12)]),
  );
  return new Map(
    within(moov, ['trak']).flatMap((trak) => {
      const [tkhd] = inside(trak, ['tkhd']);
      const [mdhd] = inside(trak, ['mdia', 'mdhd']);
      const [hdlr] = inside(trak, ['mdia', 'hdlr']);
      if (!tkhd || !mdhd) return [];
      const id = tkhd.readUInt32BE(afterTimes(tkhd));
      const unitsPerS = mdhd.readUInt32BE(afterTimes(mdhd));
      const handler = hdlr?.toString('latin1', 8, 12) ?? '';
      return [[id, { unitsPerS, defaultUnits: defaults.get(id) ?? 0, handler }] as const];
    }),
  );
}

/**
 * When the media of a fragment ends, s from the beginning of the file, by the numbers of its tracks.
 *
 * @param moof - the box with its header
 */
export function fragmentEnds(moof: Buffer, tracks: ReadonlyMap<number, TrackTime>): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const traf of within(moof, ['traf'])) {
    const [tfhd] = inside(traf, ['tfhd']);
    const [tfdt] = inside(traf, ['tfdt']);
    const id = tfhd?.readUInt32BE(FULL_BOX_BYTES) ?? 0;
    const track = tracks.get(id);
    if (!tfhd || !tfdt || !track || track.unitsPerS === 0) continue;
    const begins = tfdt.readUInt8(0) === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
    const units = inside(traf, ['trun']).reduce((sum, trun) => sum + runUnits(trun, defaultUnits(tfhd, track)), begins);
    ends.set(id, Math.max(ends.get(id) ?? 0, units / track.unitsPerS));
  }
  return ends;
}

/** Of a sample of which the run says nothing. */
function defaultUnits(tfhd: Buffer, track: TrackTime): number {
  const flags = flagsOf(tfhd);
  if ((flags & TFHD.duration) === 0) return track.defaultUnits;
  const at = 8 + ((flags & TFHD.baseOffset) !== 0 ? 8 : 0) + ((flags & TFHD.description) !== 0 ? 4 : 0);
  return tfhd.readUInt32BE(at);
}

function runUnits(trun: Buffer, unitsEach: number): number {
  const flags = flagsOf(trun);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const count = trun.readUInt32BE(FULL_BOX_BYTES);
  if (!has(TRUN.duration)) return count * unitsEach;
  const stride = 4 * [TRUN.duration, TRUN.size, TRUN.flags, TRUN.offset].filter(has).length;
  const first = 8 + (has(TRUN.dataOffset) ? 4 : 0) + (has(TRUN.firstFlags) ? 4 : 0);
  let units = 0;
  for (let sample = 0; sample < count; sample++) units += trun.readUInt32BE(first + sample * stride);
  return units;
}

const flagsOf = (fullBox: Buffer): number => fullBox.readUIntBE(1, 3);

/** Past version, flags, and the times of creation and change. */
const afterTimes = (fullBox: Buffer): number => (fullBox.readUInt8(0) === 1 ? 20 : 12);

/** Contents of the boxes on this path in a box with its header. */
const within = (box: Buffer, path: readonly string[]): readonly Buffer[] => {
  const head = readBox(box, 0, box.length);
  return head ? inside(box.subarray(headerBytes(box)), path) : [];
};

/** Contents of the boxes on this path in the content of a box. */
function inside(content: Buffer, [type, ...rest]: readonly string[]): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let start = 0; start < content.length;) {
    const box: Mp4Box | undefined = readBox(content.subarray(start, start + BOX_HEADER_BYTES), start, content.length);
    if (!box || box.start + box.size > content.length) break;
    const whole = content.subarray(start, start + box.size);
    if (box.type === type) found.push(whole.subarray(headerBytes(whole)));
    start += box.size;
  }
  return rest.length === 0 ? found : found.flatMap((each) => inside(each, rest));
}

const headerBytes = (box: Buffer): number => (box.readUInt32BE(0) === 1 ? BOX_HEADER_BYTES : 8);
