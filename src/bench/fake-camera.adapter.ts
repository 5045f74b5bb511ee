import { execFile } from 'node:child_process';
import { access, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { requireProgram } from '../shared/programs/find-program.adapter.js';
import { sceneCacheDir } from '../test-camera/clip-store.adapter.js';
import { renderScene, type RenderOptions } from '../test-camera/scene-renderer.adapter.js';
import type { Scene } from '../test-camera/scene.js';

const run = promisify(execFile);

/** Seconds of the scene: Motion JPEG is large, and the camera begins again. */
const SECONDS = 8;

/**
 * A scene as the camera of Chromium shows it: Motion JPEG of 1280 × 720, rendered once.
 *
 * @throws {@link DiptychError} as {@link renderScene}
 */
export async function fakeCameraFile(scene: Scene, render: RenderOptions = {}): Promise<string> {
  const source = await renderScene(scene, { audio: 'none', width: 1280, height: 720 }, render);
  const file = join(sceneCacheDir(), `${basename(source, '.mkv')}.mjpeg`);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) return file;
  await mkdir(sceneCacheDir(), { recursive: true });
  const unfinished = `${file}.${process.pid}.mjpeg`;
  const { signal } = render;
  const arguments_ = ['-v', 'error', '-y', '-t', String(SECONDS), '-i', source, '-an', '-c:v', 'mjpeg', '-q:v', '3'];
  await run(requireProgram('ffmpeg'), [...arguments_, unfinished], { ...(signal && { signal }) });
  await rename(unfinished, file);
  return file;
}
