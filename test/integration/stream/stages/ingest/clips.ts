import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(tmpdir(), 'diptych-test-clips');

export interface ClipOptions {
  readonly codec?: 'h264' | 'h265';
  readonly bFrames?: number;
  readonly audio?: 'aac' | 'pcmu' | 'pcma' | 'opus' | 'l16' | 'none';
  readonly fps?: number;
  readonly seconds?: number;
  readonly size?: string;
  /** To be turned by a quarter when it is shown. */
  readonly isTurned?: boolean;
}

const AUDIO_ARGUMENTS: Readonly<Record<NonNullable<ClipOptions['audio']>, readonly string[]>> = {
  aac: ['-c:a', 'aac'],
  pcmu: ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'],
  pcma: ['-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1'],
  opus: ['-c:a', 'libopus'],
  l16: ['-c:a', 'pcm_s16be', '-ar', '44100'],
  none: ['-an'],
};

/** A moving test picture with a tone, made once a machine. @returns its path */
export async function makeClip(options: ClipOptions = {}): Promise<string> {
  const {
    codec = 'h264',
    bFrames = 0,
    audio = 'none',
    fps = 30,
    seconds = 2,
    size = '320x180',
    isTurned = false,
  } = options;
  const extension = audio === 'none' || audio === 'aac' ? 'mp4' : 'mkv';
  const path = join(
    FOLDER,
    `${codec}-b${bFrames}-${audio}-${fps}-${seconds}s-${size}${isTurned ? '-turned' : ''}.${extension}`,
  );
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(FOLDER, { recursive: true });
  const video =
    codec === 'h264'
      ? ['-c:v', 'libx264', '-bf', String(bFrames)]
      : ['-c:v', 'libx265', '-x265-params', `log-level=error:bframes=${bFrames}`, '-tag:v', 'hvc1'];
  const part = `${path}.${process.pid}.${extension}`;
  await run('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-y'],
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
    ...['-t', String(seconds), ...video, '-preset', 'ultrafast', '-g', String(fps), ...AUDIO_ARGUMENTS[audio], part],
  ]);
  if (isTurned) {
    // Only a copy keeps what is said of the orientation.
    const upright = `${part}.upright.mp4`;
    await rename(part, upright);
    await run('ffmpeg', ['-v', 'error', '-i', upright, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', part]);
    await rm(upright);
  }
  await rename(part, path);
  return path;
}
