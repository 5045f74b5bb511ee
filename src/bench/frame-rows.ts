import { rounded } from './measure.js';
import type { ThreadSample } from './thread-samples.adapter.js';

/** What the threads of one name do for a frame. */
export interface FrameRow {
  /** `gateway`, `stream` or `worker`. */
  readonly process: string;
  /** Their name, `main` for the first one. */
  readonly thread: string;
  /** On a core for each output frame, ms. */
  readonly cpuMs: number;
  /** Ready, but without a core, for each output frame, ms. */
  readonly waitedMs: number;
  /** Times that something woke one of them, for each output frame. */
  readonly wakeUps: number;
}

/** Of a frame's time, ms: what is less is left out. */
const LEAST_MS = 0.01;

/**
 * What was done between two readings, by output frame; what works most stands first, what hardly works is left out.
 *
 * @param frames - output frames between them, ≥ 1
 */
export function frameRows(
  process: string,
  before: ReadonlyMap<string, ThreadSample>,
  after: ReadonlyMap<string, ThreadSample>,
  frames: number,
): readonly FrameRow[] {
  const rows = [...after].map(([thread, now]) => {
    const then = before.get(thread);
    // Threads that have ended since took their times with them.
    const each = (of: keyof ThreadSample): number => Math.max(0, now[of] - (then?.[of] ?? 0)) / frames;
    return { process, thread, cpuMs: each('cpuMs'), waitedMs: each('waitedMs'), wakeUps: each('sleeps') };
  });
  return rows
    .filter(({ cpuMs }) => cpuMs >= LEAST_MS)
    .sort((a, b) => b.cpuMs - a.cpuMs)
    .map((row) => ({
      ...row,
      cpuMs: rounded(row.cpuMs, 3),
      waitedMs: rounded(row.waitedMs, 3),
      wakeUps: rounded(row.wakeUps, 2),
    }));
}
