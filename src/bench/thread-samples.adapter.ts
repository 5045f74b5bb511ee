import { readdir, readFile } from 'node:fs/promises';

/** What the threads of one name have done so far, together. */
export interface ThreadSample {
  /** On a core, ms. */
  readonly cpuMs: number;
  /** Ready, while no core was free, ms. */
  readonly waitedMs: number;
  /** How often one went to sleep by itself: each time something had to wake it up. */
  readonly sleeps: number;
}

/** Of these digits in a name only the thread differs, not what it does. */
const NUMBERED = /[-_]?\d+(:.*)?$/;
const NS_PER_MS = 1e6;

/** The threads of a process by their names, the first thread as `main`; empty where it has ended. Linux only. */
export async function sampleThreads(pid: number): Promise<ReadonlyMap<string, ThreadSample>> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const samples = new Map<string, ThreadSample>();
  for (const thread of threads) {
    const read = (file: string): Promise<string> => readFile(`/proc/${pid}/task/${thread}/${file}`, 'utf8');
    try {
      const [name, scheduling, status] = await Promise.all([read('comm'), read('schedstat'), read('status')]);
      const key = Number(thread) === pid ? 'main' : name.trim().replace(NUMBERED, '');
      const [cpuNs = 0, waitedNs = 0] = scheduling.split(' ').map(Number);
      const sleeps = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      const known = samples.get(key);
      samples.set(key, {
        cpuMs: (known?.cpuMs ?? 0) + cpuNs / NS_PER_MS,
        waitedMs: (known?.waitedMs ?? 0) + waitedNs / NS_PER_MS,
        sleeps: (known?.sleeps ?? 0) + sleeps,
      });
    } catch {
      // A thread may end between the listing and the reading.
    }
  }
  return samples;
}
