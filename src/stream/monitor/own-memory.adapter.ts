import type { ProcessMemory } from '../../shared/domain/stream-status.js';
import type { NativeAddon } from '../native/types.js';

/** What this process takes, for the streams in it; `gpuBytes` is absent where no GPU is open, or it is lost. */
export function ownMemory(
  addon: Pick<NativeAddon, 'gpuMemory' | 'heapUsage'>,
  streamsInProcess: number,
): ProcessMemory {
  const gpuBytes = ownGpuBytes(addon);
  const { rss, heapUsed, external } = process.memoryUsage();
  const { usedBytes, freeBytes } = addon.heapUsage();
  return {
    ...{ processBytes: rss, streamsInProcess, scriptBytes: heapUsed + external },
    ...(usedBytes > 0 && { nativeBytes: usedBytes, nativeFreeBytes: freeBytes }),
    ...(gpuBytes !== undefined && { gpuBytes }),
  };
}

function ownGpuBytes(addon: Pick<NativeAddon, 'gpuMemory'>): number | undefined {
  try {
    return addon.gpuMemory().ownBytes;
  } catch {
    return undefined;
  }
}
