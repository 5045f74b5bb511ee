import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { gpuNames } from '../gpu/read-gpu.adapter.js';
import { keptCapacitySchema, type FoundCapacity, type Hardware, type KeptCapacity } from './kept-capacity.js';

/** Name of the file, in the folder of the state. */
const FILE = 'capacity.json';
const BYTES_PER_MB = 1_000_000;

/** What `diptych bench capacity` kept in a folder. @param folder - absent: nothing is kept anywhere */
export async function readCapacity(folder: string | undefined): Promise<FoundCapacity> {
  if (folder === undefined) return { problem: 'it was not measured, and nothing is kept (state.folder is empty)' };
  const path = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return { problem: `it was not measured (there is no ${path})` };
    return { problem: `${path} cannot be read`, isSpoilt: true };
  }
  try {
    return { kept: keptCapacitySchema.parse(JSON.parse(text)) };
  } catch {
    return { problem: `${path} is not what diptych bench capacity writes`, isSpoilt: true };
  }
}

/** Keeps a measurement; what was kept before is replaced as a whole. @returns where */
export async function writeCapacity(folder: string, kept: KeptCapacity): Promise<string> {
  const path = join(folder, FILE);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify(kept, undefined, 2)}\n`);
  await rename(temporary, path);
  return path;
}

/** What of this machine decides how much it can do. */
export async function readHardware(): Promise<Hardware> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryMb: Math.round(await machineMemoryMb()),
    gpus: [...(await gpuNames())],
  };
}

/** Memory of the machine, or of its container where that is less, MB. */
export async function machineMemoryMb(): Promise<number> {
  const limit = Number((await readFile('/sys/fs/cgroup/memory.max', 'utf8').catch(() => '')).trim() || Number.NaN);
  return Math.min(totalmem(), Number.isFinite(limit) ? limit : Infinity) / BYTES_PER_MB;
}
