import { readFileSync } from 'node:fs';

const KIB = 1024;
const MB = 1_000_000;

/**
 * Memory that processes can still take, MB: of the machine, or of the container where that is less. `undefined` where
 * the system does not say.
 */
export function freeMemoryMb(): number | undefined {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(textOf('/proc/meminfo') ?? '')?.[1];
  const machine = kib === undefined ? undefined : (Number(kib) * KIB) / MB;
  const limit = Number(textOf('/sys/fs/cgroup/memory.max')?.trim());
  const used = Number(textOf('/sys/fs/cgroup/memory.current')?.trim());
  // Pages of files are given back when memory is needed.
  const files = Number(/^inactive_file (\d+)$/m.exec(textOf('/sys/fs/cgroup/memory.stat') ?? '')?.[1] ?? 0);
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return machine;
  const container = (limit - used + files) / MB;
  return machine === undefined ? container : Math.min(machine, container);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
