import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FrozenWatch } from '#src/stream/supervision/frozen-watch.js';

const run = promisify(execFile);
const FPS = 10;
const AFTER_S = 12;
const PLAYED_S = 18;
const POINTS = 320 * 180;
const DETAILED = 'mandelbrot=size=1280x720:rate=10,trim=end_frame=1,loop=-1:1,setpts=N/10/TB';
const AT_NIGHT = 'lutyuv=y=16+(val-16)*0.12:u=128:v=128';
const x264 = (kbps: number, gop: number, preset = 'veryfast'): string[] => [
  ...['-c:v', 'libx264', '-preset', preset, '-g', String(gop)],
  ...['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
];
const MJPEG = ['-c:v', 'mjpeg', '-q:v', '8', '-pix_fmt', 'yuvj420p'];

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-frozen-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Whether what a camera encodes of a scene is told to be frozen. */
async function isFrozen(scene: string, encoder: readonly string[]): Promise<boolean> {
  const file = join(folder, `${Math.random()}.mkv`);
  const encoded = ['-t', String(PLAYED_S), '-pix_fmt', 'yuv420p', ...encoder, file];
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', scene, ...encoded]);
  const points = ['-vf', 'scale=320:180:flags=neighbor', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', file, ...points], {
    encoding: 'buffer',
    maxBuffer: 1 << 28,
  });
  const watch = new FrozenWatch({ afterS: AFTER_S });
  // The first seconds are those in which an encoder finds its rate.
  for (let n = 3 * FPS; (n + 1) * POINTS <= stdout.length; n += 1) {
    const ptsMs = (n * 1000) / FPS;
    if (watch.isDue(ptsMs)) watch.add(ptsMs, stdout.subarray(n * POINTS, (n + 1) * POINTS));
  }
  return watch.sinceMs !== undefined;
}

it.each<[string, string, readonly string[], boolean]>([
  ['a still, in Motion JPEG', DETAILED, MJPEG, true],
  ['a still, at 3 Mbit/s with a keyframe every 4 s', DETAILED, x264(3000, 40, 'medium'), true],
  ['a dark still, at 1.5 Mbit/s with a keyframe every 2 s', `${DETAILED},${AT_NIGHT}`, x264(1500, 20), true],
  [
    'a dark room with the noise of a sensor, at 1.5 Mbit/s',
    `${DETAILED},${AT_NIGHT},noise=alls=4:allf=t`,
    x264(1500, 40),
    false,
  ],
  ['the same at 300 kbit/s', `${DETAILED},${AT_NIGHT},noise=alls=4:allf=t`, x264(300, 20), false],
  ['the same with less noise', `${DETAILED},${AT_NIGHT},noise=alls=2:allf=t`, x264(300, 20), false],
  ['the same in Motion JPEG', `${DETAILED},${AT_NIGHT},noise=alls=2:allf=t`, MJPEG, false],
])(
  '%s: frozen or not',
  async (_name, scene, encoder, expected) => {
    expect(await isFrozen(scene, encoder)).toBe(expected);
  },
  60_000,
);
