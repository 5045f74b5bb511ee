import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { MachineUse } from './capacity-search.js';
import { watchGpu } from './gpu-meter.adapter.js';
import { childrenOf } from '../shared/proc/process-use.adapter.js';
import { ticksOf, TICKS_PER_S } from '../shared/proc/process-stat.js';
import { rounded } from './measure.js';

/** What is busy from now on. */
export interface UseMeter {
  /** Shares since it was started. */
  stop(): Promise<MachineUse>;
}

/** Measures what a machine is busy with. @param gatewayPid - of its processes the main threads are looked at */
export async function watchMachine(gatewayPid: number): Promise<UseMeter> {
  const gpu = await watchGpu();
  const beforeMs = performance.now();
  const before = coreTimes();
  const threadsBefore = await mainThreads(gatewayPid);
  return {
    stop: async () => {
      const seconds = (performance.now() - beforeMs) / 1000;
      const after = coreTimes();
      const threads = await mainThreads(gatewayPid);
      const readings = gpu.stop();
      const shares = [...threads].map(
        ([pid, ticks]) => (ticks - (threadsBefore.get(pid) ?? ticks)) / TICKS_PER_S / seconds,
      );
      const mean = (values: readonly number[]): number =>
        rounded(values.reduce((sum, value) => sum + value, 0) / values.length / 100);
      const decoder = readings.flatMap(({ decoderPercent }) => decoderPercent ?? []);
      return {
        cpu: rounded((after.busy - before.busy) / Math.max(1, after.all - before.all)),
        mainThread: rounded(Math.max(0, ...shares)),
        ...(readings.length > 0 && { gpu: mean(readings.map(({ gpuPercent }) => gpuPercent)) }),
        ...(decoder.length > 0 && { decoder: mean(decoder) }),
      };
    },
  };
}

/** Of all cores together, ms. */
function coreTimes(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}

/** CPU of the main thread of the gateway and of each of its processes, clock ticks by PID. */
async function mainThreads(gatewayPid: number): Promise<ReadonlyMap<number, number>> {
  const pids = [gatewayPid, ...(await childrenOf(gatewayPid))];
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/task/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  return new Map(pids.flatMap((pid, index) => (stats[index] === undefined ? [] : [[pid, ticksOf(stats[index])]])));
}
