import type { Size } from '../shared/domain/box.js';
import { IDENTITY_SCENES } from '../test-camera/identity-scenes.js';
import { renderScene } from '../test-camera/scene-renderer.adapter.js';
import type { Scene } from '../test-camera/scene.js';

/** Two real people who pass each other, 8 s at 30 frames a second, drawn at every size by itself. */
const REPORT_SCENE: Scene = { ...IDENTITY_SCENES.crossing, name: 'report', durationS: 8 };

/** What the report looks at. */
export const REPORT_SIZES: readonly Size[] = [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
  { width: 2560, height: 1440 },
  { width: 3840, height: 2160 },
];

/**
 * H.264 at 30 frames a second, without sound; taken from the cache where it was rendered before.
 * @throws {@link DiptychError} where ffmpeg or the people's clips can't be had.
 */
export function reportClip({ width, height }: Size, signal?: AbortSignal): Promise<string> {
  return renderScene(REPORT_SCENE, { width, height, audio: 'none' }, { ...(signal && { signal }) });
}
