import { isSrtUrl } from '../../../shared/srt/location.js';
import type { EncodedTaps } from '../../domain/media-tap.js';
import { runRtmpTarget } from './rtmp-target.adapter.js';
import { runSrtTarget } from './srt-target.adapter.js';
import type { Target, TargetOptions, TargetProgress } from './target.js';

/**
 * Streams to a target, by the protocol that its URL names, until `signal` aborts. One attempt: nothing here tries again.
 *
 * @throws {@link DiptychError} as {@link runRtmpTarget} and {@link runSrtTarget}
 */
export const runTarget = (
  target: Target,
  taps: EncodedTaps,
  signal: AbortSignal,
  onProgress: (progress: TargetProgress) => void,
  options: TargetOptions = {},
): Promise<void> => (isSrtUrl(target.url) ? runSrtTarget : runRtmpTarget)(target, taps, signal, onProgress, options);
