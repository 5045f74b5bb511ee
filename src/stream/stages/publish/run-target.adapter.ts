import type { DiptychError } from '../../../shared/domain/errors.js';
import { problemOf } from '../../../shared/domain/status-error.js';
import { isSrtUrl } from '../../../shared/srt/location.js';
import { maskTarget } from '../../../shared/config/mask-url.js';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { fencedError, isFenced, untilAllowed } from '../../fence/output-fence.adapter.js';
import { runRtmpTarget } from './rtmp-target.adapter.js';
import { runSrtTarget } from './srt-target.adapter.js';
import type { Target, TargetOptions, TargetProgress } from './target.js';

/**
 * Streams to a target, by the protocol that its URL names, until `signal` aborts. One attempt: nothing here tries again.
 * In a cluster it waits until this host may publish, and ends when it may not any more.
 *
 * @throws {@link DiptychError} as {@link runRtmpTarget} and {@link runSrtTarget}; `DIPTYCH_E_FENCED`
 */
export async function runTarget(
  target: Target,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  options: TargetOptions = {},
): Promise<void> {
  const fenced = (): DiptychError => fencedError(`target ${maskTarget(target)}`);
  await untilAllowed(signal, () =>
    onProgress({ state: 'connecting', bytes: 0, dropped: 0, waitsFor: problemOf(fenced(), 'DIPTYCH_E_FENCED') }),
  );
  if (signal.aborted) return;
  try {
    await (isSrtUrl(target.url) ? runSrtTarget : runRtmpTarget)(target, taps, signal, onProgress, options);
  } catch (error) {
    throw isFenced() ? fenced() : error;
  }
}
