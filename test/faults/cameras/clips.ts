import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(tmpdir(), 'diptych-test-clips');
const SYNC_MASK = 0xff;
const ADTS_HEADER = 7;

export interface PictureClip {
  readonly codec: 'h264' | 'h265';
  /** A source of ffmpeg's lavfi; its size and rate are set by the other options. */
  readonly picture: string;
  readonly size: string;
  readonly fps: number;
  /** Frames from one keyframe to the next. */
  readonly gop: number;
  readonly seconds: number;
  /** More arguments of ffmpeg's encoder, such as a pixel aspect. */
  readonly encoder: readonly string[];
}

/** Access units of a clip, each a list of NAL units without start codes; made once a machine. */
export async function pictureUnits(clip: PictureClip): Promise<Buffer[][]> {
  const { codec, picture, size, fps, gop, seconds, encoder } = clip;
  const separator = picture.includes('=') ? ':' : '=';
  const coder =
    codec === 'h264'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'veryfast',
          '-x264-params',
          `keyint=${gop}:min-keyint=${gop}:aud=1:bframes=0:scenecut=0`,
        ]
      : [
          ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'],
          `log-level=none:keyint=${gop}:min-keyint=${gop}:aud=1:bframes=0:scenecut=0`,
        ];
  const path = await madeClip(codec, [
    ...['-f', 'lavfi', '-i', `${picture}${separator}size=${size}:rate=${fps}`],
    ...['-t', String(seconds), '-pix_fmt', 'yuv420p', ...coder, ...encoder],
    ...['-f', codec === 'h264' ? 'h264' : 'hevc'],
  ]);
  return accessUnits(await readFile(path), codec);
}

/** Frames of AAC without their ADTS headers, and the configuration for an SDP. */
export async function aacFrames(
  hz: number,
  rate: number,
): Promise<{ readonly frames: Buffer[]; readonly config: string }> {
  const path = await madeClip('aac', [
    ...['-f', 'lavfi', '-i', `sine=frequency=${hz}:sample_rate=${rate}`],
    ...['-t', '4', '-ac', '1', '-c:a', 'aac', '-f', 'adts'],
  ]);
  const bytes = await readFile(path);
  const frames: Buffer[] = [];
  for (let at = 0; at + ADTS_HEADER < bytes.length && bytes[at] === SYNC_MASK;) {
    const length =
      ((bytes.readUInt8(at + 3) & 3) << 11) | (bytes.readUInt8(at + 4) << 3) | (bytes.readUInt8(at + 5) >> 5);
    frames.push(bytes.subarray(at + ADTS_HEADER, at + length));
    at += length;
  }
  const profile = (bytes.readUInt8(2) >> 6) + 1;
  const rateIndex = (bytes.readUInt8(2) >> 2) & 15;
  const channels = ((bytes.readUInt8(2) & 1) << 2) | (bytes.readUInt8(3) >> 6);
  const config = ((profile << 11) | (rateIndex << 7) | (channels << 3)).toString(16).padStart(4, '0');
  return { frames, config };
}

/** A tone as ffmpeg encodes it. */
export interface SoundClip {
  readonly hz: number;
  /** Arguments of ffmpeg's encoder. */
  readonly encoder: readonly string[];
  readonly muxer: string;
}

const toneOf = ({ hz, encoder, muxer }: SoundClip): Promise<string> =>
  madeClip(muxer, [
    ...['-f', 'lavfi', '-i', `sine=frequency=${hz}:sample_rate=48000`],
    ...['-t', '4', '-ac', '1', ...encoder, '-f', muxer],
  ]);

/** Sound without frames of its own, in pieces of so many bytes. */
export async function rawSound(clip: SoundClip, bytes: number): Promise<Buffer[]> {
  const whole = await readFile(await toneOf(clip));
  return Array.from({ length: Math.floor(whole.length / bytes) }, (_, n) => whole.subarray(n * bytes, (n + 1) * bytes));
}

/** The frames of sound that has some, as ffprobe finds them. */
export async function codedSound(clip: SoundClip): Promise<Buffer[]> {
  const path = await toneOf(clip);
  const sizes = await run('ffprobe', ['-v', 'error', '-show_entries', 'packet=size', '-of', 'csv=p=0', path]);
  const { stdout: whole } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-map', '0', '-c', 'copy', '-f', 'data', '-'],
    {
      encoding: 'buffer',
    },
  );
  let at = 0;
  return sizes.stdout
    .split('\n')
    .map((line) => Number.parseInt(line, 10))
    .filter((size) => size > 0)
    .map((size) => whole.subarray(at, (at += size)));
}

/** A file that ffmpeg makes once a machine. @param encode - its arguments, without the name of the file */
export async function madeClip(extension: string, encode: readonly string[]): Promise<string> {
  const name = createHash('sha256').update(JSON.stringify(encode)).digest('hex').slice(0, 16);
  const path = join(FOLDER, `odd-${name}.${extension}`);
  if (await readFile(path).catch(() => undefined)) return path;
  await mkdir(FOLDER, { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...encode, part]);
  await rename(part, path);
  return path;
}

/** Cut at the delimiters, which are left out. */
function accessUnits(stream: Buffer, codec: 'h264' | 'h265'): Buffer[][] {
  const units: Buffer[][] = [];
  for (const nal of nalUnits(stream)) {
    const type = nalType(nal, codec);
    if (type === (codec === 'h264' ? 9 : 35)) units.push([]);
    else units.at(-1)?.push(nal);
  }
  return units.filter((unit) => unit.length > 0);
}

export const nalType = (nal: Buffer, codec: 'h264' | 'h265'): number =>
  codec === 'h264' ? nal.readUInt8(0) & 31 : (nal.readUInt8(0) >> 1) & 63;

function nalUnits(stream: Buffer): Buffer[] {
  const mark = Buffer.from([0, 0, 1]);
  const nals: Buffer[] = [];
  for (let start = stream.indexOf(mark); start >= 0;) {
    const next = stream.indexOf(mark, start + 3);
    let end = next < 0 ? stream.length : next;
    while (stream[end - 1] === 0) end--;
    nals.push(stream.subarray(start + 3, end));
    start = next;
  }
  return nals;
}
