import { readdir, readFile } from 'node:fs/promises';
import { rounded } from '#src/bench/measure.js';

/** CPU time of this process's threads so far, clock ticks of 10 ms, by the threads' names. */
export async function threadTicks(): Promise<ReadonlyMap<string, number>> {
  const ticks = new Map<string, number>();
  for (const thread of await readdir('/proc/self/task')) {
    const stat = await readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) continue;
    const nameEnd = stat.lastIndexOf(')');
    // What follows the name: state, then utime and stime as the 12th and 13th field (proc(5), /proc/pid/stat).
    const fields = stat.slice(nameEnd + 2).split(' ');
    const isMain = Number(thread) === process.pid;
    const name = isMain ? 'main' : stat.slice(stat.indexOf('(') + 1, nameEnd).replace(/\d+(:.*)?$/, '');
    ticks.set(name, (ticks.get(name) ?? 0) + Number(fields[11]) + Number(fields[12]));
  }
  return ticks;
}

/** The threads that worked most between two readings: cores that each name's threads kept busy together. */
export function threadUse(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): string {
  const cores = [...after].map(([name, ticks]) => [name, (ticks - (before.get(name) ?? 0)) / 100 / seconds] as const);
  return cores
    .filter(([, each]) => each >= 0.02)
    .sort(([, a], [, b]) => b - a)
    .map(([name, each]) => `${name} ${rounded(each, 2)}`)
    .join(', ');
}
