import { readdir, readFile } from 'node:fs/promises';
import type { ProcessRole, ProcessSample } from './soak-data.js';

const KIB = 1024;

/** What a gateway and the processes that it started hold now, the gateway first. Linux only. */
export async function sampleProcesses(gatewayPid: number): Promise<readonly ProcessSample[]> {
  const children = await readFile(`/proc/${gatewayPid}/task/${gatewayPid}/children`, 'utf8').catch(() => '');
  const others = children.split(' ').filter(Boolean).map(Number);
  const samples = await Promise.all([
    sampleOf(gatewayPid, 'gateway'),
    ...others.map(async (pid) => {
      const role = await roleOf(pid);
      return role && sampleOf(pid, role);
    }),
  ]);
  return samples.filter((sample) => sample !== undefined);
}

async function roleOf(pid: number): Promise<ProcessRole | undefined> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (command.includes('mediasoup-worker')) return 'worker';
  return command.includes('stream/main.js') ? 'stream' : undefined;
}

/** A process may end between the listing and the reading: then there is no sample. */
async function sampleOf(pid: number, role: ProcessRole): Promise<ProcessSample | undefined> {
  try {
    const [rollup, status, handles] = await Promise.all([
      readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
      readdir(`/proc/${pid}/fd`),
    ]);
    const kib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
    return {
      pid,
      role,
      rssBytes: kib('Rss') * KIB,
      pssBytes: kib('Pss') * KIB,
      privateBytes: kib('Private_Dirty') * KIB,
      handles: handles.length,
      threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    };
  } catch {
    return undefined;
  }
}
