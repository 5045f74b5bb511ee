import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { readGpu, watchGpu, type GpuReading, type TimedReading } from '#src/bench/gpu-meter.adapter.js';
import { rounded } from '#src/bench/measure.js';
import { sampleThreads } from '#src/bench/thread-samples.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { startGroup, startGroupApart, type ChainGroup } from './chain-group.js';
import type { LiveCounts } from './live-chain.js';
import { STREAMS_PER_THREAD } from '#src/stream/stream-threads.adapter.js';
import { summed } from './measure.js';
import { profileMainThread } from './main-thread-profile.js';
import { threadUse } from './thread-use.js';
import type { Step, StepContext } from './step.js';

const FPS = 30;
/** Streams at once, one round after the other; it ends after the first round that is not held. */
const ROUNDS = [1, 16, 32, 64, 96, 128, 160, 192];
const QUICK_ROUNDS = [1, 2];
/** Until then the main thread runs code that is not compiled yet: 64 streams take ten seconds to warm it up. */
const SETTLE_MS = 12_000;
const WINDOW_S = 10;
const QUICK_WINDOW_S = 2;
/**
 * Of the frames that there should be, so many may be late or dropped, in every stream. Where the clip begins again its
 * decoder starts anew, which no camera does: what is missing there is not counted.
 */
const LOST_SHARE = 0.01;
const GOALS = { streams: 160, p95Ms: 20, firstMib: 1536, furtherMib: 250 };

/**
 * How many 1080p30 streams one process holds at 30 frames a second, and what they cost. `DIPTYCH_BEGIN_AT`, in ms since
 * 1970, is when the counting begins at the earliest, for several processes that count at once.
 */
export const streams: Step = {
  summary: '1080p30 streams in real time in one process, memory and traffic',
  limitS: 400,
  async run(context) {
    const { put, isQuick } = context;
    const before = await readGpu();
    const memory = new Map<number, number>();
    let held = 0;
    for (const count of asked() ?? (isQuick ? QUICK_ROUNDS : ROUNDS)) {
      const round = await runRound(count, isQuick);
      if (round.gpu && before) memory.set(count, round.gpu.memoryMib - before.memoryMib);
      reportRound(round, context);
      if (!round.isHeld) break;
      held = count;
    }
    put({ what: '1080p30 streams held at 30 fps', unit: '', value: held, goal: { atLeast: GOALS.streams } });
    reportMemory(memory, context);
  },
};

/** The rounds that DIPTYCH_STREAMS asks for, numbers with commas between. */
const asked = (): readonly number[] | undefined => process.env['DIPTYCH_STREAMS']?.split(',').map(Number);

interface Round {
  readonly count: number;
  readonly counts: readonly LiveCounts[];
  /** Late and dropped frames of all streams, second by second. */
  readonly lost: readonly number[];
  readonly windowS: number;
  readonly isHeld: boolean;
  readonly errors: readonly string[];
  readonly gpu?: GpuReading;
  /** Bytes a composed picture over the bus. */
  readonly bus: { readonly toDevice: number; readonly toHost: number };
  /** Share of the time in which the main thread works. */
  readonly mainThread: number;
  /** CPU cores in use. */
  readonly cores: number;
  /** The same by the names of threads. */
  readonly threads: string;
}

async function runRound(count: number, isQuick: boolean): Promise<Round> {
  const addon = loadAddon();
  const groups: ChainGroup[] = [];
  // Started before anything is counted: its start holds up all decoders of the GPU.
  const meter = await watchGpu(1000);
  try {
    for (let left = count; left > 0; left -= STREAMS_PER_THREAD) {
      const chains = Math.min(left, STREAMS_PER_THREAD);
      groups.push(await (count <= STREAMS_PER_THREAD ? startGroup(chains) : startGroupApart(chains)));
    }
    const take = async () => {
      const taken = await Promise.all(groups.map((group) => group.take()));
      return { counts: taken.flatMap((each) => each.counts), errors: taken.flatMap((each) => each.failures) };
    };
    await delay(isQuick ? 1000 : Math.max(SETTLE_MS, Number(process.env['DIPTYCH_BEGIN_AT'] ?? 0) - Date.now()));
    const endProfile = await profileMainThread(`streams-${count}`);
    const threadsBefore = await sampleThreads(process.pid);
    const trafficBefore = addon.gpuTraffic();
    const loopBefore = performance.eventLoopUtilization();
    const cpuBefore = process.cpuUsage();
    await take();
    const begunMs = performance.now();
    const seconds: (readonly LiveCounts[])[] = [];
    let errors: readonly string[] = [];
    for (let second = 1; second <= (isQuick ? QUICK_WINDOW_S : WINDOW_S); second += 1) {
      await delay(begunMs + 1000 * second - performance.now());
      const taken = await take();
      seconds.push(taken.counts);
      errors = taken.errors;
    }
    const windowS = (performance.now() - begunMs) / 1000;
    const counts = together(seconds);
    const gpu = meanOf(meter.stop().filter(({ atMs }) => atMs > begunMs + 1000));
    const { user, system } = process.cpuUsage(cpuBefore);
    const mainThread = performance.eventLoopUtilization(loopBefore).utilization;
    const threads = threadUse(threadsBefore, await sampleThreads(process.pid), windowS);
    await endProfile();
    const trafficAfter = addon.gpuTraffic();
    const composed = Math.max(1, sum(counts.map(({ out, late }) => out - late)));
    const carried = (way: 'toDevice' | 'toHost'): number =>
      trafficAfter[way].frame + trafficAfter[way].result - trafficBefore[way].frame - trafficBefore[way].result;
    const mostLost = LOST_SHARE * FPS * windowS;
    return {
      count,
      counts,
      lost: seconds.map((second) => sum(second.map(lostOf))),
      windowS,
      isHeld: errors.length === 0 && counts.every((each) => each.fresh > 0 && lostOf(each) <= mostLost),
      errors,
      ...(gpu && { gpu }),
      bus: { toDevice: carried('toDevice') / composed, toHost: carried('toHost') / composed },
      mainThread,
      cores: (user + system) / 1e6 / windowS,
      threads,
    };
  } finally {
    meter.stop();
    await Promise.all(groups.map((group) => group.close()));
  }
}

function reportRound(
  { count, counts, lost: bySecond, windowS, isHeld, errors, gpu, bus, mainThread, cores, threads }: Round,
  { put }: StepContext,
): void {
  const what = `${count} stream${count === 1 ? '' : 's'}`;
  const fps = counts.map(({ fresh }) => fresh / windowS);
  const lost = `late ${sum(counts.map(({ late }) => late))}, dropped ${sum(counts.map(({ dropped }) => dropped))}, by seconds ${bySecond.join(' ')}, in the worst stream ${Math.max(...counts.map(lostOf))}`;
  const gpuText = gpu ? `; GPU ${gpu.gpuPercent} %, decoder ${gpu.decoderPercent ?? '?'} %` : '';
  put({
    what: `${what}: new frames a second, of the slowest`,
    unit: 'fps',
    value: rounded(Math.min(...fps), 2),
    note: `${isHeld ? 'held' : 'NOT held'}; ${lost}; main thread ${rounded(100 * mainThread, 0)} %, ${rounded(cores, 1)} cores (${threads})${gpuText}${errors.length > 0 ? `; ${errors[0]}` : ''}`,
  });
  const latency = counts.flatMap(({ latencyMs }) => latencyMs);
  const isGoal = count === 16;
  put({
    what: `${what}: decode-out to compose-out`,
    unit: 'ms',
    ...summed(latency, 2),
    ...(isGoal && { goal: { atMost: GOALS.p95Ms, of: 'p95' } as const }),
  });
  put({
    what: `${what}: detect`,
    unit: 'ms',
    ...summed(
      counts.flatMap(({ detectMs }) => detectMs),
      2,
    ),
  });
  put({
    what: `${what}: compose`,
    unit: 'ms',
    ...summed(
      counts.flatMap(({ composeMs }) => composeMs),
      2,
    ),
  });
  put({ what: `${what}: to the host, a composed frame`, unit: 'B', value: rounded(bus.toHost, 0) });
  put({ what: `${what}: to the GPU, a composed frame`, unit: 'B', value: rounded(bus.toDevice, 0) });
}

function reportMemory(memory: ReadonlyMap<number, number>, { put }: StepContext): void {
  const first = memory.get(1);
  const most = Math.max(...memory.keys());
  if (first === undefined) return;
  put({ what: 'GPU memory, first stream', unit: 'MiB', value: first, goal: { atMost: GOALS.firstMib } });
  if (!(most > 1)) return;
  const each = ((memory.get(most) ?? first) - first) / (most - 1);
  put({
    what: 'GPU memory, each further stream',
    unit: 'MiB',
    value: rounded(each, 1),
    goal: { atMost: GOALS.furtherMib },
    note: `over ${most} streams`,
  });
}

const lostOf = ({ late, dropped }: LiveCounts): number => late + dropped;

/** Absent where nothing was read. */
function meanOf(readings: readonly TimedReading[]): GpuReading | undefined {
  if (readings.length === 0) return undefined;
  const mean = (of: (reading: GpuReading) => number): number => rounded(sum(readings.map(of)) / readings.length, 0);
  return {
    gpuPercent: mean(({ gpuPercent }) => gpuPercent),
    decoderPercent: mean(({ decoderPercent }) => decoderPercent ?? 0),
    memoryMib: mean(({ memoryMib }) => memoryMib),
  };
}

/** Each stream's counts of all seconds. */
const together = (seconds: readonly (readonly LiveCounts[])[]): readonly LiveCounts[] =>
  (seconds[0] ?? []).map((_, stream) => {
    const all = seconds.flatMap((second) => second[stream] ?? []);
    const total = (of: 'fresh' | 'out' | 'late' | 'dropped'): number => sum(all.map((each) => each[of]));
    return {
      ...{ fresh: total('fresh'), out: total('out'), late: total('late'), dropped: total('dropped') },
      latencyMs: all.flatMap(({ latencyMs }) => latencyMs),
      detectMs: all.flatMap(({ detectMs }) => detectMs),
      composeMs: all.flatMap(({ composeMs }) => composeMs),
    };
  });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
