import { readdir, readFile } from 'node:fs/promises';
import { statFields, ticksOf, TICKS_PER_S } from '../shared/proc/process-stat.js';

/** CPU seconds, user and system, that a process and all its living descendants have used until now. Linux only. */
export async function cpuSecondsOfTree(rootPid: number): Promise<number> {
  const processes = await readProcesses();
  const pids = new Set([rootPid]);
  // A child has a higher pid than its parent nearly always; going round until nothing is new covers the rest.
  for (let size = 0; size !== pids.size;) {
    size = pids.size;
    for (const { pid, parent } of processes) if (pids.has(parent)) pids.add(pid);
  }
  return processes.filter(({ pid }) => pids.has(pid)).reduce((sum, { ticks }) => sum + ticks / TICKS_PER_S, 0);
}

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

async function readProcesses(): Promise<readonly ProcessTimes[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    // A process may end between the listing and the reading.
    names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined)),
  );
  return stats.flatMap((stat) => {
    if (stat === undefined) return [];
    const [, parent = '0'] = statFields(stat);
    return [{ pid: Number.parseInt(stat, 10), parent: Number(parent), ticks: ticksOf(stat) }];
  });
}

/** A number with at most so many decimal places. */
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
