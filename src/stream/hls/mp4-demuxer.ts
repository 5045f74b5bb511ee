import { boxesIn, ByteReader, findBox } from './mp4-boxes.js';
import { parseInit, type Mp4Track, type SampleDefaults } from './mp4-init.js';
import type { MediaSample, MediaTracks, SegmentDemuxer } from './segment-demuxer.js';

/** Samples of a fragment, at most: a wrong number is not followed. */
const MAX_SAMPLES = 100_000;
/** Longer edits are mistakes, s. */
const MAX_EDIT_S = 5;

interface Run {
  readonly track: Mp4Track;
  readonly defaults: SampleDefaults;
  /** Ticks. */
  time: number;
  /** Of the next sample, in the segment. */
  at: number;
}

/** Fragmented MP4 (CMAF): what of it is pictures and sound, with its times. */
export class Mp4Demuxer implements SegmentDemuxer {
  readonly #tracks: readonly Mp4Track[];

  /** Of one initialisation section. @param init - the initialisation section */
  constructor(init: Buffer) {
    const all = parseInit(init);
    this.#tracks = (['pictures', 'sound'] as const).flatMap((kind) => all.find((track) => track.kind === kind) ?? []);
  }

  /** As of `SegmentDemuxer`. */
  get tracks(): MediaTracks {
    const capsOf = (kind: Mp4Track['kind']): string | undefined =>
      this.#tracks.find((track) => track.kind === kind)?.caps;
    const [pictures, sound] = [capsOf('pictures'), capsOf('sound')];
    return { ...(pictures !== undefined && { pictures }), ...(sound !== undefined && { sound }) };
  }

  /** As of `SegmentDemuxer`. */
  get problem(): string | undefined {
    if (this.#tracks.length === 0) return 'has an initialisation section that cannot be read';
    return this.#tracks.find(({ problem, kind }) => problem !== undefined && kind === 'pictures')?.problem;
  }

  /** Takes a whole segment, or a whole part of one. */
  push(segment: Buffer): MediaSample[] {
    const samples = boxesIn(segment)
      .filter(({ type }) => type === 'moof')
      .flatMap(({ offset, content }) => this.#readFragment(segment, offset, content));
    return samples.sort((a, b) => a.dtsMs - b.dtsMs);
  }

  #readFragment(segment: Buffer, offset: number, moof: Buffer): MediaSample[] {
    let end = offset;
    return boxesIn(moof).flatMap(({ type, content: traf }) => {
      if (type !== 'traf') return [];
      const run = this.#runOf(traf, offset, end);
      if (!run) return [];
      const samples = boxesIn(traf)
        .filter((box) => box.type === 'trun')
        .flatMap((box) => readRun(segment, run, box.content, offset));
      end = run.at;
      return samples;
    });
  }

  #runOf(traf: Buffer, moofAt: number, before: number): Run | undefined {
    const tfhd = findBox(traf, 'tfhd');
    const tfdt = findBox(traf, 'tfdt');
    if (!tfhd) return undefined;
    const reader = new ByteReader(tfhd);
    const flags = reader.uint(4) & 0xff_ffff;
    const id = reader.uint(4);
    const track = this.#tracks.find((known) => known.id === id);
    if (track?.caps === undefined) return undefined;
    let at = (flags & 0x2_0000) === 0 ? before : moofAt;
    if ((flags & 0x01) !== 0) at = reader.uint64();
    if ((flags & 0x02) !== 0) reader.skip(4);
    const duration = (flags & 0x08) === 0 ? track.defaults.duration : reader.uint(4);
    const size = (flags & 0x10) === 0 ? track.defaults.size : reader.uint(4);
    const edit = track.editStart > track.timescale * MAX_EDIT_S ? 0 : track.editStart;
    return { track, defaults: { duration, size }, time: timeOf(tfdt) - edit, at };
  }
}

function timeOf(tfdt: Buffer | undefined): number {
  if (!tfdt) return 0;
  const reader = new ByteReader(tfdt);
  const isLarge = reader.uint(1) === 1;
  reader.skip(3);
  return isLarge ? reader.uint64() : reader.uint(4);
}

function readRun(segment: Buffer, run: Run, trun: Buffer, moofAt: number): MediaSample[] {
  const { track, defaults } = run;
  const reader = new ByteReader(trun);
  const flags = reader.uint(4) & 0xff_ffff;
  const count = Math.min(reader.uint(4), MAX_SAMPLES);
  if ((flags & 0x01) !== 0) run.at = moofAt + reader.int32();
  if ((flags & 0x04) !== 0) reader.skip(4);
  const samples: MediaSample[] = [];
  for (let index = 0; index < count && !reader.isOver(); index += 1) {
    const duration = (flags & 0x100) === 0 ? defaults.duration : reader.uint(4);
    const size = (flags & 0x200) === 0 ? defaults.size : reader.uint(4);
    if ((flags & 0x400) !== 0) reader.skip(4);
    const shift = (flags & 0x800) === 0 ? 0 : reader.int32();
    if (reader.isOver() || run.at < 0 || run.at + size > segment.length) break;
    const dtsMs = (run.time * 1000) / track.timescale;
    const ptsMs = ((run.time + shift) * 1000) / track.timescale;
    if (size > 0)
      samples.push({ kind: track.kind, data: track.convert(segment.subarray(run.at, run.at + size)), ptsMs, dtsMs });
    run.time += duration;
    run.at += size;
  }
  return samples;
}
