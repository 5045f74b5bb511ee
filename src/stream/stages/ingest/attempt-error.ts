import { DiptychError } from '../../../shared/domain/errors.js';
import type { ReceptionLimits, ReceptionVerdict } from './reception-watch.js';

/**
 * What a verdict that ends an attempt means to the user; `undefined` where the attempt goes on.
 *
 * @param lastFailure - why decoding gave up last
 * @param whySilent - what a source that sends nothing says of itself
 */
export function receptionError(
  verdict: ReceptionVerdict,
  source: string,
  limits: ReceptionLimits,
  hasFrames: boolean,
  lastFailure?: string,
  whySilent?: () => DiptychError,
): DiptychError | undefined {
  switch (verdict.type) {
    case 'receiving':
    case 'waiting':
      return undefined;
    case 'silent': {
      if (whySilent) return whySilent();
      const problem = hasFrames ? 'stalled: no picture' : 'sent no picture';
      return new DiptychError(
        'DIPTYCH_E_SOURCE_UNREACHABLE',
        `${source} ${problem} for ${limits.timeoutS} s; check that it sends, and the network`,
      );
    }
    case 'undecodable':
      return new DiptychError(
        'DIPTYCH_E_SOURCE_FORMAT',
        `${source} sends pictures that cannot be decoded: ${
          verdict.failures > verdict.keyframes && lastFailure !== undefined
            ? lastFailure
            : `${verdict.keyframes} keyframes came and no picture of them`
        }`,
      );
    case 'no-keyframe':
      return new DiptychError(
        'DIPTYCH_E_SOURCE_FORMAT',
        `${source} sent no keyframe for ${limits.maxGopS} s; set a shorter keyframe interval in the camera, or raise source.maxGopS`,
      );
  }
}

/** A file in a loop that does not begin again. */
export const rewindError = (source: string, cause: unknown): DiptychError =>
  new DiptychError(
    'DIPTYCH_E_SOURCE_FORMAT',
    `${source} cannot be played from its beginning again; set source.loop to false`,
    { cause },
  );
