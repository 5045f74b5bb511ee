import { readFile } from 'node:fs/promises';
import type { ProcessMemory } from '../domain/stream-status.js';
import type { NativeAddon } from '../../stream/native/types.js';

const BYTES_PER_KIB = 1024;

/** Resident memory of another process, bytes; `undefined` once it is gone, or where /proc is not. */
export async function readResidentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * BYTES_PER_KIB;
  } catch {
    return undefined;
  }
}

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
