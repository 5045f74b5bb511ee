import { STILL_SCENE } from '#src/test-camera/scenes.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { softGpu } from './soft-cuda.js';

/** Makes the whole product take the stand-in for a GPU (README.md, “On the GPU”). */
export function softEnvironment(): Readonly<Record<string, string>> {
  const { libcuda = '', libnvrtc = '' } = softGpu();
  return { DIPTYCH_LIBCUDA: libcuda, DIPTYCH_LIBNVRTC: libnvrtc, DIPTYCH_GPU_PROVIDER: 'cpu' };
}

/** Two people, four seconds, 640×360 at 30 fps. */
export const renderSmallScene = (): Promise<string> =>
  renderScene({ ...STILL_SCENE, name: 'camera-test', durationS: 4 }, { width: 640, height: 360 });
