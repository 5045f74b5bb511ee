import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { contentOf, partTypeOf } from '#src/stream/http/http-content.js';
import { JpegSplitter } from '#src/stream/http/jpeg-splitter.js';
import { parsePlaylist } from '#src/stream/hls/hls-playlist.js';
import { Mp4Demuxer } from '#src/stream/hls/mp4-demuxer.js';
import { PackedAudioDemuxer } from '#src/stream/hls/packed-audio.js';
import { remainingS, startPosition, unitAt } from '#src/stream/hls/playlist-position.js';
import type { MediaSample } from '#src/stream/hls/segment-demuxer.js';
import { TsDemuxer } from '#src/stream/hls/ts-demuxer.js';
import { chooseVariant } from '#src/stream/hls/variant-choice.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyText, editBytes } from '../harness/junk.js';

const PLAYLIST_PIECES = [
  '#EXTM3U\n',
  '#EXT-X-TARGETDURATION:2\n',
  '#EXT-X-TARGETDURATION:-1\n',
  '#EXT-X-TARGETDURATION:1e999\n',
  '#EXT-X-MEDIA-SEQUENCE:7\n',
  '#EXT-X-MEDIA-SEQUENCE:9007199254740993\n',
  '#EXTINF:2,\n',
  '#EXTINF:-2,x\n',
  '#EXTINF:\n',
  's1.ts\n',
  '../s2.ts?x=1\n',
  'http://[\n',
  'file:///etc/passwd\n',
  '#EXT-X-BYTERANGE:100@20\n',
  '#EXT-X-BYTERANGE:-1@-5\n',
  '#EXT-X-MAP:URI="i.mp4",BYTERANGE="5@0"\n',
  '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1\n',
  '#EXT-X-KEY:METHOD=NONE\n',
  '#EXT-X-DISCONTINUITY\n',
  '#EXT-X-DISCONTINUITY-SEQUENCE:x\n',
  '#EXT-X-GAP\n',
  '#EXT-X-ENDLIST\n',
  '#EXT-X-PLAYLIST-TYPE:VOD\n',
  '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.5\n',
  '#EXT-X-PART-INF:PART-TARGET=0.2\n',
  '#EXT-X-PART:DURATION=0.2,URI="p.mp4",INDEPENDENT=YES\n',
  '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="q.mp4"\n',
  '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1,CODECS="avc1",AUDIO="a"\n',
  '#EXT-X-STREAM-INF:\n',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="n",DEFAULT=YES,URI="a.m3u8"\n',
  '#EXT-X-DEFINE:NAME="x",VALUE="y"\n',
];
const JPEG_PIECES = [
  Buffer.from([0xff, 0xd8, 0xff]),
  Buffer.from([0xff, 0xd9]),
  Buffer.from([0xff, 0xda, 0, 4, 1, 1]),
  Buffer.from([0xff, 0xdb, 0, 3, 1]),
  Buffer.from([0xff, 0xe1, 0xff, 0xff]),
  Buffer.from([0xff, 0xc0, 0, 0]),
  Buffer.from([0xff, 0xff, 0xff, 0]),
  Buffer.from('\r\n--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 5\r\n\r\n'),
  Buffer.from('pixels'),
];
const URL_OF_PLAYLIST = new URL('https://cdn.example/live/main.m3u8');
/** Samples of a segment, at most: what is found is bounded by what came. */
const MAX_SAMPLES = 200_000;

let transport: Buffer;
let init: Buffer;
let fragment: Buffer;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-fuzz-hls-'));
  try {
    const pack = (type: string): void => {
      execFileSync(
        requireProgram('ffmpeg'),
        [
          ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=5'],
          ...['-f', 'lavfi', '-i', 'sine', '-t', '1', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'],
          ...['-f', 'hls', '-hls_time', '1', '-hls_segment_type', type, '-hls_fmp4_init_filename', 'init.mp4'],
          `${type}.m3u8`,
        ],
        { cwd: folder },
      );
    };
    pack('mpegts');
    pack('fmp4');
    const read = (name: string): Buffer => readFileSync(join(folder, name));
    transport = read('mpegts0.ts').subarray(0, 188 * 60);
    init = read('init.mp4');
    fragment = read(readdirSync(folder).find((name) => name.endsWith('.m4s')) ?? '');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function expectSane(samples: readonly MediaSample[], bytes: number): void {
  expect(samples.length).toBeLessThan(MAX_SAMPLES);
  for (const { data, ptsMs, dtsMs } of samples) {
    if (!Number.isFinite(ptsMs) || !Number.isFinite(dtsMs)) throw new Error('a time that is none');
    if (data.length > 3 * bytes + 4096) throw new Error('more than came');
  }
}

it('Motion JPEG: whole pictures, whatever comes', async () => {
  await fuzz({
    name: 'motion jpeg',
    inputs: fc.array(fc.oneof(fc.constantFrom(...JPEG_PIECES), fc.uint8Array({ maxLength: 40 })), { maxLength: 30 }),
    check: (pieces) => {
      const splitter = new JpegSplitter();
      const pictures = pieces.flatMap((piece) => splitter.push(piece));
      for (const picture of pictures) {
        if (picture.readUInt16BE(0) !== 0xffd8) throw new Error('a picture that does not begin');
        if (picture.readUInt16BE(picture.length - 2) !== 0xffd9) throw new Error('a picture that does not end');
      }
      const all = Buffer.concat(pieces);
      expect(contentOf('', all, false)).toBeTypeOf('string');
      partTypeOf(all);
    },
  });
});

it('playlists of HLS: read, or one error', async () => {
  await fuzz({
    name: 'hls playlist',
    inputs: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PLAYLIST_PIECES) }, anyText), {
      maxLength: 25,
    }),
    check: (pieces) => {
      let playlist;
      try {
        playlist = parsePlaylist(`#EXTM3U\n${pieces.join('')}`, URL_OF_PLAYLIST);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      if (playlist.kind === 'master') {
        chooseVariant(playlist.variants, { width: 1920, height: 1080 });
        return;
      }
      expect(playlist.targetS).toBeGreaterThan(0);
      expect(playlist.holdBackS).toBeGreaterThanOrEqual(0);
      let at = startPosition(playlist);
      expect(remainingS(playlist, at)).toBeGreaterThanOrEqual(0);
      for (let steps = 0; ; steps += 1) {
        const found = unitAt(playlist, at);
        if (!found) break;
        expect(found.unit.uri).toMatch(/^https?:/);
        at = found.next;
        if (steps > 1000) throw new Error('a playlist without an end');
      }
    },
  });
});

it('segments in MPEG-TS: samples with times, whatever comes', async () => {
  await fuzz({
    name: 'hls mpeg-ts',
    usually: 300,
    inputs: anyEdits,
    check: (edits) => {
      const segment = Buffer.from(editBytes(transport, edits));
      const demuxer = new TsDemuxer((ptsMs) => ptsMs);
      expectSane([...demuxer.push(segment), ...demuxer.push(transport)], segment.length + transport.length);
      expectSane(new PackedAudioDemuxer((ptsMs) => ptsMs).push(segment), segment.length);
    },
  });
});

it('segments in fragmented MP4: samples with times, whatever comes', async () => {
  await fuzz({
    name: 'hls fmp4',
    usually: 300,
    inputs: fc.tuple(anyEdits, anyEdits),
    check: ([ofInit, ofFragment]) => {
      const segment = Buffer.from(editBytes(fragment, ofFragment));
      for (const demuxer of [new Mp4Demuxer(Buffer.from(editBytes(init, ofInit))), new Mp4Demuxer(init)]) {
        expectSane(demuxer.push(segment), segment.length);
        expect(typeof demuxer.problem).toMatch(/undefined|string/);
      }
    },
  });
});
