import { DiptychError } from '../../../shared/domain/errors.js';

/** Whether the GPU failed while it was in use, so that what lay in its memory is lost. */
export const isGpuLost = (error: unknown): boolean => codeOf(error) === 'DIPTYCH_E_GPU_LOST';

/**
 * Whether the GPU cannot do what the CPU may still do: it failed, or it refuses, e.g. a network for
 * pictures of a new size.
 */
export const isLeftToCpu = (error: unknown): boolean =>
  isGpuLost(error) || codeOf(error) === 'DIPTYCH_E_GPU' || codeOf(error) === 'DIPTYCH_E_MODEL';

/**
 * What a run over a file ends with when its GPU is lost on the way: one error that says what to do,
 * whichever stage noticed first. Other errors are given back as they are.
 *
 * @param lostReason - of the GPU; absent while it is not lost
 */
export function explainLossInFile(error: unknown, lostReason?: string): unknown {
  if (lostReason === undefined && !isGpuLost(error)) return error;
  const reason = lostReason ?? (error as Error).message;
  return new DiptychError('DIPTYCH_E_GPU_LOST', `${reason}; the result is not complete: run again with --gpu off`, {
    cause: error,
  });
}

/**
 * What a call of the addon that works on the GPU was rejected with, as an error of ours.
 *
 * @param doing - what was tried, e.g. `detecting`
 * @param lostReason - of the GPU; where it is lost, everything fails for that reason
 */
export function toGpuError(error: unknown, doing: string, lostReason?: string): DiptychError {
  if (error instanceof DiptychError) return error;
  const code = lostReason === undefined ? codeOf(error) : 'DIPTYCH_E_GPU_LOST';
  const text = lostReason ?? (error instanceof Error ? error.message : String(error));
  if (code === 'DIPTYCH_E_GPU_LOST' || code === 'DIPTYCH_E_GPU' || code === 'DIPTYCH_E_MODEL') {
    return new DiptychError(code, text, { cause: error });
  }
  return new DiptychError('DIPTYCH_E_GPU', `${doing} on the GPU failed: ${text}`, { cause: error });
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | undefined)?.code;
