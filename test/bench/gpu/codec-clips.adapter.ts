import { execFile } from 'node:child_process';
import { access, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DiptychError } from '#src/shared/domain/errors.js';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { sceneCacheDir } from '#src/test-camera/clip-store.adapter.js';
import { reportClip } from '#src/bench/report-clips.js';

interface Encoding {
  /** Of the scene, from its beginning. */
  readonly durationS: number;
  readonly arguments: readonly string[];
}

const x265Of = (bFrames: number): readonly string[] => [
  ...['-c:v', 'libx265', '-preset', 'fast', '-crf', '25'],
  ...['-x265-params', `log-level=error:keyint=30:bframes=${bFrames}:open-gop=0`],
];

/** The first without B-pictures, as cameras send them; the others leave the decoder in another order than they came. */
const ENCODINGS = {
  'h265-1080p': { durationS: 8, arguments: [...x265Of(0), '-pix_fmt', 'yuv420p'] },
  'h265-10-bit-1080p': { durationS: 4, arguments: [...x265Of(2), '-pix_fmt', 'yuv420p10le'] },
  'h264-1366x768': {
    durationS: 4,
    arguments: [
      ...['-vf', 'scale=1366:768', '-c:v', 'libx264', '-preset', 'fast', '-crf', '23'],
      ...['-g', '30', '-bf', '2', '-pix_fmt', 'yuv420p'],
    ],
  },
} as const satisfies Readonly<Record<string, Encoding>>;

export type CodecClipName = keyof typeof ENCODINGS;

export const CODEC_CLIPS = Object.keys(ENCODINGS) as readonly CodecClipName[];

/**
 * The report's scene in another encoding, 30 frames a second, without sound; taken from the cache
 * where it was encoded before.
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where ffmpeg is not installed,
 * `DIPTYCH_E_INTERNAL` where it can't encode it.
 */
export async function codecClip(name: CodecClipName): Promise<string> {
  const file = join(sceneCacheDir(), `codec-${name}.mkv`);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) return file;
  const ffmpeg = requireProgram('ffmpeg');
  const source = await reportClip({ width: 1920, height: 1080 });
  const { durationS, arguments: encoding } = ENCODINGS[name];
  const unfinished = `${file}.${process.pid}.part`;
  try {
    await promisify(execFile)(ffmpeg, [
      ...['-v', 'error', '-nostdin', '-y', '-i', source, '-t', String(durationS), '-an'],
      ...[...encoding, '-f', 'matroska', unfinished],
    ]);
  } catch (cause) {
    throw new DiptychError(
      'DIPTYCH_E_INTERNAL',
      `ffmpeg could not encode ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  await rename(unfinished, file);
  return file;
}
