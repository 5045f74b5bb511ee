import { DiptychError } from '../../shared/domain/errors.js';

/**
 * What an error of mediasoup means to a client; `undefined` where it is none that is expected.
 * mediasoup throws a TypeError or an UnsupportedError for parameters that it does not take, and another of its
 * errors for what is closed, also because its process died.
 */
export function explainMediaError(error: unknown): DiptychError | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = { cause: error };
  if (error instanceof TypeError || error.name === 'UnsupportedError')
    return new DiptychError('DIPTYCH_E_BAD_INPUT', error.message, cause);
  if (error.name !== 'WorkerClosedError' && error.name !== 'NotFoundError') return undefined;
  const message = 'the media server, or the transport, was closed while it was asked; try again in a moment';
  return new DiptychError('DIPTYCH_E_NOT_READY', message, cause);
}
