import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '#src/shared/package-root.js';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { jpegPictures } from './stream/stages/ingest/http-camera.js';

/** So many pictures of H.264, the first of each ten a keyframe; then they begin again. */
const PICTURES = 60;

/**
 * A V4L2 camera for machines without one (native/test/soft-v4l2), for processes that are started with
 * {@link environment}. It offers plain pixels of 320×180 at 30 and 640×360 at 5 a second, Motion JPEG and H.264 of
 * 640×360 at 30.
 */
export class SoftCamera {
  /** What it is named by. */
  readonly device = '/dev/video90';
  /** What a process that is to see it is started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'diptych-v4l2-'));

  constructor() {
    this.#write('MJPG', jpegPictures('640x360'));
    this.#write('H264', h264Pictures());
    const library = join(this.#folder, 'soft-v4l2.so');
    execFileSync(process.env['CXX'] ?? 'c++', [
      ...['-std=c++17', '-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-o', library],
      ...['soft_v4l2.cpp', 'soft_libc.cpp'].map((name) => packagePath(`native/test/soft-v4l2/${name}`)),
      '-ldl',
    ]);
    this.environment = { LD_PRELOAD: library, SOFT_V4L2_PATH: this.device, SOFT_V4L2_FOLDER: this.#folder };
    this.set('plugged', true);
  }

  /** Plugs it in or out, forbids it, lets another program use it. */
  set(state: 'plugged' | 'denied' | 'busy', isSo: boolean): void {
    const file = join(this.#folder, state);
    if (isSo) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #write(format: string, pictures: readonly Buffer[]): void {
    mkdirSync(join(this.#folder, format));
    pictures.forEach((picture, index) =>
      writeFileSync(join(this.#folder, format, String(index).padStart(3, '0')), picture),
    );
  }
}

/** One access unit each. */
function h264Pictures(): Buffer[] {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-h264-'));
  try {
    const file = join(folder, 'pictures.h264');
    execFileSync(requireProgram('ffmpeg'), [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'],
      ...['-frames:v', String(PICTURES), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '10'],
      ...['-pix_fmt', 'yuv420p', '-x264-params', 'aud=1:slices=1', '-f', 'h264', file],
    ]);
    const bytes = readFileSync(file);
    const delimiter = Buffer.from([0, 0, 0, 1, 9]);
    const starts: number[] = [];
    for (let at = bytes.indexOf(delimiter); at >= 0; at = bytes.indexOf(delimiter, at + 1)) starts.push(at);
    return starts.map((start, index) => bytes.subarray(start, starts[index + 1]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
