import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Size } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import { requireProgram } from '../shared/programs/find-program.adapter.js';
import { fetchClip, sceneCacheDir } from './clip-store.adapter.js';
import { CLIPS } from './clips.js';
import type { Scene } from './scene.js';
import { sceneFilterGraph } from './scene-graph.js';
import { drawBackdrop, drawDesk, drawMask, drawTorso, type Art } from './studio-art.js';

/** Codec of the sound; `none` leaves it out. */
export type SceneAudio = 'aac' | 'opus' | 'pcmu' | 'pcma' | 'l16' | 'none';

/** How a scene is encoded; its size is 1920×1080 where none is given. */
export interface SceneOptions extends Partial<Size> {
  /** Frames a second. @defaultValue 30 */
  readonly fps?: number;
  /** Codec of the picture. @defaultValue h264 */
  readonly codec?: 'h264' | 'h265';
  /** Largest number of B-pictures in a row. @defaultValue 0 */
  readonly bFrames?: number;
  /** Seconds between keyframes: how long who joins may have to wait. @defaultValue 1 */
  readonly gopS?: number;
  /** A soft bell at every even second. @defaultValue aac */
  readonly audio?: SceneAudio;
  /** Whether the picture is white for 0.1 s at every fourth second, together with the bell. @defaultValue false */
  readonly hasFlash?: boolean;
}

/** How rendering is watched and ended. */
export interface RenderOptions {
  /** Called with 0 … 1 while it renders; not at all when the scene is in the cache. */
  readonly onProgress?: (ratio: number) => void;
  /** Ends the rendering; nothing is left in the cache. */
  readonly signal?: AbortSignal;
}

interface AudioFormat {
  /** Such that whole packets fill every scene (a multiple of 4 s), so that sound goes round. */
  readonly rate: number;
  /** Samples that the encoder puts before the sound. */
  readonly priming: number;
  readonly encoder: readonly string[];
}

const AUDIO: Readonly<Record<Exclude<SceneAudio, 'none'>, AudioFormat>> = {
  aac: { rate: 32_000, priming: 1024, encoder: ['aac', '-b:a', '96k'] },
  opus: { rate: 48_000, priming: 312, encoder: ['libopus', '-b:a', '64k'] },
  pcmu: { rate: 8_000, priming: 0, encoder: ['pcm_mulaw'] },
  pcma: { rate: 8_000, priming: 0, encoder: ['pcm_alaw'] },
  l16: { rate: 48_000, priming: 0, encoder: ['pcm_s16le'] },
};

const FLASH_FILTER = "[picture]drawbox=c=white:t=fill:enable='lt(mod(t,4),0.1)'[flashing]";

/**
 * The scene as a Matroska file, rendered by ffmpeg the first time it is asked for, then taken
 * from the cache. Frame n shows the scene at n / fps seconds exactly.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_INTERNAL` with ffmpeg's last words, `DIPTYCH_E_MODEL`
 * when the clips can't be fetched.
 */
export async function renderScene(
  scene: Scene,
  options: SceneOptions = {},
  render: RenderOptions = {},
): Promise<string> {
  const settings = {
    width: 1920,
    height: 1080,
    fps: 30,
    codec: 'h264',
    bFrames: 0,
    gopS: 1,
    audio: 'aac',
    hasFlash: false,
    ...options,
  } as const satisfies Required<SceneOptions>;
  const frames = Math.round(scene.durationS * settings.fps);
  const art = drawArt(scene, settings);
  const sound = settings.audio === 'none' ? undefined : AUDIO[settings.audio];
  const graph = [
    sceneFilterGraph(scene, { ...settings, deskTop: art.deskTop }),
    ...(settings.hasFlash ? [FLASH_FILTER] : []),
    ...(sound === undefined ? [] : [bellFilter(scene, sound)]),
  ].join(';\n');
  const encoding = encodingArguments(scene, settings);
  const hash = createHash('sha256').update(JSON.stringify([graph, encoding, frames, clipDigests(scene)]));
  for (const { data } of art.inputs.values()) hash.update(data);
  const path = join(sceneCacheDir(), `${scene.name}-${settings.height}p-${hash.digest('hex').slice(0, 16)}.mkv`);
  if (await exists(path)) return path;

  requireProgram('ffmpeg');
  const folder = await mkdtemp(join(tmpdir(), 'diptych-scene-'));
  try {
    await mkdir(sceneCacheDir(), { recursive: true });
    const inputs = await inputArguments(scene, art.inputs, settings.fps, folder, render.signal);
    const graphFile = join(folder, 'graph.txt');
    await writeFile(graphFile, graph);
    const part = `${path}.${process.pid}.part`;
    await runFfmpeg(
      [
        ...inputs,
        '-filter_complex_script',
        graphFile,
        '-map',
        settings.hasFlash ? '[flashing]' : '[picture]',
        ...(sound === undefined ? [] : ['-map', '[sound]']),
        ...encoding,
        '-f',
        'matroska',
        part,
      ],
      (frame) => render.onProgress?.(Math.min(1, frame / frames)),
      render.signal,
    );
    await rename(part, path);
    return path;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface SceneArt {
  readonly inputs: ReadonlyMap<string, Art>;
  readonly deskTop: number;
}

function drawArt(scene: Scene, size: Size): SceneArt {
  const desk = drawDesk(size);
  const inputs = new Map<string, Art>([
    ['backdrop', drawBackdrop(size)],
    ['desk', desk.art],
  ]);
  for (const { clip } of scene.people) {
    inputs.set(`torso-${clip}`, drawTorso(clip, size));
    inputs.set(`mask-${clip}`, drawMask(clip, size));
  }
  return { inputs, deskTop: desk.top };
}

const clipDigests = (scene: Scene): readonly string[] => scene.people.map(({ clip }) => JSON.stringify(CLIPS[clip]));

/** In the order that `sceneFilterGraph` expects. */
async function inputArguments(
  scene: Scene,
  art: ReadonlyMap<string, Art>,
  fps: number,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  for (const [name, { data }] of art) await writeFile(join(folder, name), data);
  const still = (name: string): readonly string[] => {
    const picture = art.get(name);
    if (picture === undefined) return [];
    const { width, height, pixelFormat } = picture;
    const size = `${width}x${height}`;
    const format = ['-f', 'rawvideo', '-pixel_format', pixelFormat, '-video_size', size, '-framerate', String(fps)];
    return [...format, '-i', join(folder, name)];
  };
  const groups: (readonly string[])[] = [still('backdrop'), still('desk')];
  for (const { clip: name } of scene.people) {
    const { startS, lengthS } = CLIPS[name];
    const path = await fetchClip(name, signal);
    // A little more than is used, so that the last frame is there at any rate.
    groups.push(['-ss', String(startS), '-t', String(lengthS + 0.5), '-i', path], still(`torso-${name}`));
    groups.push(still(`mask-${name}`));
  }
  return groups.flat();
}

/**
 * The sound begins as much later as the encoder will put before it, so that no time stamp is
 * negative: else ffmpeg would move the pictures instead.
 */
function bellFilter(scene: Scene, { rate, priming }: AudioFormat): string {
  const t = `(t+${priming}/${rate})`;
  const bell = `0.12*sin(2*PI*660*t)*exp(-5*mod(${t},2))+0.05*sin(2*PI*1320*t)*exp(-8*mod(${t},2))`;
  return `aevalsrc=exprs='${bell}':s=${rate}:d=${scene.durationS},asetpts=PTS+${priming}[sound]`;
}

function encodingArguments(scene: Scene, settings: Required<SceneOptions>): readonly string[] {
  const gop = Math.round(settings.gopS * settings.fps);
  const video =
    settings.codec === 'h264'
      ? ['libx264', '-preset', 'superfast', '-crf', '21', '-bf', String(settings.bFrames), '-sc_threshold', '0']
      : [
          'libx265',
          '-preset',
          'ultrafast',
          '-crf',
          '24',
          '-x265-params',
          `log-level=error:open-gop=0:scenecut=0:min-keyint=${gop}:bframes=${settings.bFrames}`,
        ];
  const audio = settings.audio === 'none' ? ['-an'] : ['-c:a', ...AUDIO[settings.audio].encoder];
  return ['-c:v', ...video, '-g', String(gop), '-pix_fmt', 'yuv420p', ...audio, '-t', String(scene.durationS)];
}

async function runFfmpeg(
  parameters: readonly string[],
  onFrame: (frame: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const child = spawn(
    requireProgram('ffmpeg'),
    ['-v', 'error', '-nostdin', '-y', '-progress', 'pipe:1', ...parameters],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const problems: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => problems.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const frame = /^frame=(\d+)/.exec(line)?.[1];
    if (frame !== undefined) onFrame(Number(frame));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new DiptychError('DIPTYCH_E_INTERNAL', `ffmpeg could not be run: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new DiptychError('DIPTYCH_E_INTERNAL', `ffmpeg could not render the scene: ${problems.slice(-3).join(' ')}`),
        );
    });
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
