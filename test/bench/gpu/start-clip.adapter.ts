import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';

/**
 * The demo's scene in 1080p with sound and keyframes every half second, as `diptych bench start` has it; taken from the
 * cache where it was rendered before.
 *
 * @throws `DIPTYCH_E_PROGRAM_MISSING` where ffmpeg is not installed
 */
export const startClip = (): Promise<string> =>
  renderScene(DEMO_SCENE, { audio: 'aac', gopS: 0.5, width: 1920, height: 1080 });
