import { IDENTITY_SCENES } from '#src/test-camera/identity-scenes.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';

/**
 * 22 s of 1080p at 30 frames a second, without sound, in which each of two people leaves, is
 * replaced by the other, and comes back; taken from the cache where it was rendered before.
 *
 * @throws `DIPTYCH_E_PROGRAM_MISSING` where ffmpeg is not installed
 */
export const longClip = (): Promise<string> =>
  renderScene(IDENTITY_SCENES.reenter, { width: 1920, height: 1080, audio: 'none' });
