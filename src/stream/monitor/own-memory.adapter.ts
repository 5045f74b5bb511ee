import type { ProcessMemory } from '../../shared/domain/stream-status.js';
import type { NativeAddon } from '../native/types.js';

/** What this process takes, for the streams in it; `gpuBytes` is absent where no GPU is open, or it is lost. */
export function ownMemory(addon: Pick<NativeAddon, 'gpuMemory'>, streamsInProcess: number): ProcessMemory {
  const gpuBytes = ownGpuBytes(addon);
  return { processBytes: process.memoryUsage.rss(), streamsInProcess, ...(gpuBytes !== undefined && { gpuBytes }) };
}

function ownGpuBytes(addon: Pick<NativeAddon, 'gpuMemory'>): number | undefined {
  try {
    return addon.gpuMemory().ownBytes;
  } catch {
    return undefined;
  }
}
