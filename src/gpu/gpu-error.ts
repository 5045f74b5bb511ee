import { DiptychError } from '#domain/errors.js';

/** Whether the card failed while it was in use, so that what lay on it is gone. */
export const isGpuLost = (error: unknown): boolean => codeOf(error) === 'DIPTYCH_E_GPU_LOST';

/**
 * What a call of the addon that works on the GPU was rejected with, as an error of ours.
 *
 * @param doing - what was tried, e.g. `detecting`
 * @param lostReason - of the card; where it is lost, everything fails for that reason
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
