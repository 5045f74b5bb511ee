import { DiptychError } from '../shared/domain/errors.js';
import { renderScene } from './scene-renderer.adapter.js';
import { DEMO_SCENE } from './scenes.js';

/**
 * A process of its own that draws the demo's scene where it is not there yet: `test:people` plays
 * it. It tells its parent `{ progress }` from 0 to 1, then `{ file }` or `{ error }`, and ends with
 * its parent.
 */
// A parent that is gone has nobody left to tell: sending fails, and `disconnect` comes.
const tell = (message: object): void => void process.send?.(message, () => undefined);
const abort = new AbortController();
process.once('disconnect', () => {
  abort.abort();
});
// It may have gone while this process was loading.
if (!process.connected) abort.abort();

try {
  const file = await renderScene(
    DEMO_SCENE,
    { audio: 'aac' },
    {
      signal: abort.signal,
      onProgress: (progress) => {
        tell({ progress });
      },
    },
  );
  tell({ file });
} catch (error) {
  const code = error instanceof DiptychError ? error.code : 'DIPTYCH_E_INTERNAL';
  tell({ error: { code, message: error instanceof Error ? error.message : String(error) } });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
