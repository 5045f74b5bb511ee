import { splitAdts } from './adts.js';
import type { MediaSample, MediaTracks, SegmentDemuxer } from './segment-demuxer.js';
import { parseProgram, parseProgramTable, type ProgramStream } from './ts-tables.js';

const PACKET_BYTES = 188;
const SYNC = 0x47;
const TICKS_A_MS = 90;
/** Larger packets of a stream are given up, bytes. */
const MAX_PES_BYTES = 16 * 1024 * 1024;
const MAX_SECTION_BYTES = 4096;
const PES_HEADER_BYTES = 9;
const PAT_PID = 0;

interface Assembly {
  readonly stream: ProgramStream;
  chunks: Buffer[];
  bytes: number;
}

/** MPEG transport streams: what of them is pictures and sound, with its times. */
export class TsDemuxer implements SegmentDemuxer {
  readonly #unwrap: (ptsMs: number) => number;
  readonly #sections = new Map<number, Buffer>();
  #programPid: number | undefined;
  readonly #assemblies = new Map<number, Assembly>();
  #samples: MediaSample[] = [];
  #problem: string | undefined;

  /** Of one rendition. @param unwrap - puts a time that wraps near those before it */
  constructor(unwrap: (ptsMs: number) => number) {
    this.#unwrap = unwrap;
  }

  /** As of `SegmentDemuxer`. */
  get tracks(): MediaTracks {
    const all = [...this.#assemblies.values()];
    const pictures = all.find(({ stream }) => stream.kind === 'pictures')?.stream.caps;
    const sound = all.find(({ stream }) => stream.kind === 'sound')?.stream.caps;
    return { ...(pictures !== undefined && { pictures }), ...(sound !== undefined && { sound }) };
  }

  /** As of `SegmentDemuxer`. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Takes a whole segment, or a whole part of one: no packet of a stream goes on in the next one. */
  push(segment: Buffer): MediaSample[] {
    this.#feed(segment);
    for (const assembly of this.#assemblies.values()) this.#finish(assembly);
    return this.#take();
  }

  #take(): MediaSample[] {
    const samples = this.#samples;
    this.#samples = [];
    return samples;
  }

  #feed(bytes: Buffer): void {
    for (let at = 0; at + PACKET_BYTES <= bytes.length;) {
      const next = bytes[at + PACKET_BYTES];
      if (bytes[at] === SYNC && (next === undefined || next === SYNC)) {
        this.#readPacket(bytes.subarray(at, at + PACKET_BYTES));
        at += PACKET_BYTES;
      } else {
        const found = bytes.indexOf(SYNC, at + 1);
        at = found < 0 ? bytes.length : found;
      }
    }
  }

  #readPacket(packet: Buffer): void {
    const head = packet.readUInt16BE(1);
    const pid = head & 0x1fff;
    const begins = (head & 0x4000) !== 0;
    const control = packet[3] ?? 0;
    if ((head & 0x8000) !== 0 || (control & 0x10) === 0) return;
    const begin = 4 + ((control & 0x20) === 0 ? 0 : 1 + (packet[4] ?? 0));
    if (begin >= PACKET_BYTES) return;
    const payload = packet.subarray(begin);
    const assembly = this.#assemblies.get(pid);
    if (pid === PAT_PID || pid === this.#programPid) this.#readSection(pid, payload, begins);
    else if (assembly) {
      if ((control & 0xc0) !== 0) this.#problem ??= 'is scrambled';
      if (begins) this.#finish(assembly);
      if (begins || assembly.bytes > 0) {
        assembly.chunks.push(payload);
        assembly.bytes += payload.length;
      }
      if (assembly.bytes > MAX_PES_BYTES) reset(assembly);
    }
  }

  #readSection(pid: number, payload: Buffer, begins: boolean): void {
    const begun = begins ? Buffer.alloc(0) : this.#sections.get(pid);
    if (!begun) return;
    const section = Buffer.concat([begun, begins ? payload.subarray(1 + (payload[0] ?? 0)) : payload]);
    const length = section.length < 3 ? MAX_SECTION_BYTES : 3 + (section.readUInt16BE(1) & 0xfff);
    if (section.length < length) {
      if (section.length < MAX_SECTION_BYTES) this.#sections.set(pid, section);
      else this.#sections.delete(pid);
      return;
    }
    this.#sections.delete(pid);
    const whole = section.subarray(0, length);
    if (pid === PAT_PID) this.#programPid = parseProgramTable(whole) ?? this.#programPid;
    else this.#useProgram(parseProgram(whole));
  }

  /** The first stream of pictures and the first of sound. */
  #useProgram(streams: readonly ProgramStream[]): void {
    const used = (['pictures', 'sound'] as const).flatMap(
      (kind) => streams.find((stream) => stream.kind === kind) ?? [],
    );
    if (used.some(({ caps }) => caps === undefined)) this.#problem ??= 'is encrypted (SAMPLE-AES)';
    for (const [pid, assembly] of this.#assemblies) {
      if (used.some((stream) => stream.pid === pid && stream.caps === assembly.stream.caps)) continue;
      this.#finish(assembly);
      this.#assemblies.delete(pid);
    }
    for (const stream of used) {
      if (!this.#assemblies.has(stream.pid)) this.#assemblies.set(stream.pid, { stream, chunks: [], bytes: 0 });
    }
  }

  #finish(assembly: Assembly): void {
    const { stream, chunks } = assembly;
    const packet = Buffer.concat(chunks);
    reset(assembly);
    if (packet.length < PES_HEADER_BYTES || packet.readUIntBE(0, 3) !== 1) return;
    const flags = packet[7] ?? 0;
    const end = PES_HEADER_BYTES + (packet[8] ?? 0);
    if ((flags & 0x80) === 0 || end < PES_HEADER_BYTES + 5 || end >= packet.length) return;
    const pts = this.#unwrap(readTime(packet, PES_HEADER_BYTES) / TICKS_A_MS);
    const hasDts = (flags & 0x40) !== 0 && end >= PES_HEADER_BYTES + 10;
    const dts = hasDts ? this.#unwrap(readTime(packet, PES_HEADER_BYTES + 5) / TICKS_A_MS) : pts;
    this.#emit(stream, packet.subarray(end), pts, dts);
  }

  #emit({ kind, caps = '' }: ProgramStream, data: Buffer, ptsMs: number, dtsMs: number): void {
    if (!caps.endsWith('adts')) {
      this.#samples.push({ kind, data, ptsMs, dtsMs });
      return;
    }
    for (const { data: frame, offsetMs } of splitAdts(data).frames) {
      this.#samples.push({ kind, data: frame, ptsMs: ptsMs + offsetMs, dtsMs: dtsMs + offsetMs });
    }
  }
}

function reset(assembly: Assembly): void {
  assembly.chunks = [];
  assembly.bytes = 0;
}

/** 33 bits in five bytes with marker bits, 90 kHz. */
const readTime = (packet: Buffer, at: number): number =>
  (((packet[at] ?? 0) >> 1) & 7) * 2 ** 30 +
  (packet.readUInt16BE(at + 1) >> 1) * 2 ** 15 +
  (packet.readUInt16BE(at + 3) >> 1);
