import { fork } from 'node:child_process';
import { DiptychError, type ErrorCode } from '../../../shared/domain/errors.js';
import { builtPath } from '../../../shared/package-root.js';
import type { SourceOptions } from './source-session.js';

/** What the process that draws the scene says. */
type Message =
  | { readonly progress: number }
  | { readonly file: string }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

/** Told of the progress whenever so much more is done. */
const STEP = 0.1;

/**
 * Path of the clip that `test:people` plays: the demo's scene, drawn the first time that anybody
 * asks for it on this machine, by a process of its own.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where ffmpeg, npm or tar is not
 * installed, `DIPTYCH_E_MODEL` when the faces can't be fetched, `DIPTYCH_E_INTERNAL` otherwise.
 */
export async function peopleClip({ logger, signal }: Pick<SourceOptions, 'logger' | 'signal'>): Promise<string> {
  const child = fork(builtPath('test-camera/render-people.js'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const stop = (): void => {
    if (child.connected) child.disconnect();
  };
  signal?.addEventListener('abort', stop);
  try {
    return await new Promise<string>((resolve, reject) => {
      let told = -STEP;
      child.on('message', (message: Message) => {
        if ('file' in message) resolve(message.file);
        else if ('error' in message) reject(new DiptychError(message.error.code, message.error.message));
        else if (message.progress >= told + STEP) {
          told = message.progress;
          logger.info({ percent: Math.round(told * 100) }, 'drawing the scene of test:people, once');
        }
      });
      child.once('error', reject);
      child.once('exit', () => {
        reject(new DiptychError('DIPTYCH_E_INTERNAL', 'the scene of test:people was not drawn to its end'));
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}
