import type { ProcessMemory } from '../../shared/domain/stream-status.js';
import type { NativeAddon } from '../native/types.js';

/** What objects of JavaScript take on the thread that asks, bytes. */
export function ownScriptBytes({ heapUsed, external } = process.memoryUsage()): number {
  return heapUsed + external;
}

/**
 * What this process takes, for the streams in it; `gpuBytes` is absent where no GPU is open, or it is lost.
 *
 * @param otherScriptBytes - what {@link ownScriptBytes} says on its other threads with streams
 */
export function ownMemory(
  addon: Pick<NativeAddon, 'gpuMemory' | 'heapUsage'>,
  streamsInProcess: number,
  otherScriptBytes = 0,
): ProcessMemory {
  const gpuBytes = ownGpuBytes(addon);
  const usage = process.memoryUsage();
  const { usedBytes, freeBytes } = addon.heapUsage();
  return {
    ...{ processBytes: usage.rss, streamsInProcess, scriptBytes: ownScriptBytes(usage) + otherScriptBytes },
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
