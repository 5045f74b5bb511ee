import { readFile } from 'node:fs/promises';
import { ticksOf, TICKS_PER_S } from './process-stat.js';

/** What a process has used and holds. */
export interface ProcessUse {
  /** CPU time of all its threads since it began, s. */
  readonly cpuS: number;
  /** Resident memory that no file backs, MB: what it shares with others of its kind is mostly files. */
  readonly memoryMb: number;
}

const BYTES_PER_KIB = 1024;
const BYTES_PER_MB = 1_000_000;

/** Reads it from /proc; `undefined` once the process is gone, or where there is no /proc. */
export async function readProcessUse(pid: number): Promise<ProcessUse | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
    const memoryMb = ((kib('RssAnon') + kib('RssShmem')) * BYTES_PER_KIB) / BYTES_PER_MB;
    return { cpuS: ticksOf(stat) / TICKS_PER_S, memoryMb };
  } catch {
    return undefined;
  }
}

/** Processes that a process has started itself and that are there. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
