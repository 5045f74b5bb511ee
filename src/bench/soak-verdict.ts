import type { LipSync, ProcessRole, ProcessSample, RecordingFacts, SoakSample } from './soak-data.js';
import { minimaOf, trendOf, type TimedValue, type Trend } from './trend.js';

/** What must hold, and whether it does. */
export interface Criterion {
  /** What is looked at. */
  readonly name: string;
  /** `unsure`: the measurement is too short, or too uneven, to tell. */
  readonly verdict: 'pass' | 'fail' | 'unsure';
  /** The figure, with its unit. */
  readonly found: string;
  /** What is allowed. */
  readonly limit: string;
}

/** What is judged. */
export interface SoakFindings {
  /** In the order of time. */
  readonly samples: readonly SoakSample[];
  /** Samples before this count as warm-up, s. */
  readonly warmUpS: number;
  /** The camera flaps until then, s: memory is not compared any more when it stays. @defaultValue the end */
  readonly untilS?: number;
  /** Memory is compared at its minimum in each window of so many seconds, which holds every kind of fault. */
  readonly windowS: number;
  /** Growth of a process that is allowed, MB an hour. @defaultValue 1 */
  readonly mostGrowthMbPerH?: number;
  /** Absent where nothing was recorded. */
  readonly recording?: RecordingFacts;
  /** Absent where no flash was found. */
  readonly lipSync?: LipSync;
}

/** How far sound and picture may be apart, ms. */
const MOST_AV_OFFSET_MS = 40;
/** Descriptors and threads come and go with connections; above this many they do not return. */
const MOST_MORE = 4;

const MB = 1024 * 1024;
const S_PER_H = 3600;

/** All criteria, in the order in which they are printed. */
export function judge(findings: SoakFindings): readonly Criterion[] {
  const { recording, lipSync } = findings;
  const processes = processesOf(findings);
  return [
    replaced(findings.samples),
    ...processes.map((process) => memoryOf(process, findings)),
    ...processes.flatMap((process) => [countOf(process, 'handles'), countOf(process, 'threads')]),
    pictures(recording),
    order(recording),
    together(lipSync),
  ];
}

/** Samples of one process after the warm-up. */
export interface ProcessSeries {
  /** Role and process id. */
  readonly name: string;
  /** In the order of time. */
  readonly samples: readonly { readonly atS: number; readonly process: ProcessSample }[];
}

/** The processes that were there from the warm-up to the end. */
export function processesOf({ samples, warmUpS }: Pick<SoakFindings, 'samples' | 'warmUpS'>): readonly ProcessSeries[] {
  const counted = samples.filter(({ atS }) => atS >= warmUpS);
  const series = new Map<number, { atS: number; process: ProcessSample }[]>();
  for (const { atS, processes } of counted) {
    for (const process of processes) {
      const known = series.get(process.pid) ?? [];
      known.push({ atS, process });
      series.set(process.pid, known);
    }
  }
  return [...series].flatMap(([pid, of]) => {
    const role = of[0]?.process.role;
    return role === undefined || of.length < counted.length ? [] : [{ name: `${role} ${pid}`, samples: of }];
  });
}

/** How the memory of a process changes, bytes a second, by its minimum in each window. */
export function growthOf(
  { samples }: ProcessSeries,
  { windowS, untilS = Number.POSITIVE_INFINITY }: Pick<SoakFindings, 'windowS' | 'untilS'>,
): Trend | undefined {
  const points = samples.flatMap(({ atS, process }): TimedValue[] => (atS < untilS ? [[atS, process.rssBytes]] : []));
  return trendOf(minimaOf(points, windowS));
}

function replaced(samples: readonly SoakSample[]): Criterion {
  const pids = new Map<ProcessRole, Set<number>>();
  let most = 0;
  for (const { processes } of samples) {
    most = Math.max(most, processes.filter(({ role }) => role === 'stream').length);
    for (const { role, pid } of processes) pids.set(role, (pids.get(role) ?? new Set()).add(pid));
  }
  const count = (role: ProcessRole): number => pids.get(role)?.size ?? 0;
  const found = `${count('gateway')} gateway, ${count('worker')} worker, ${count('stream')} stream processes`;
  const isKept = count('gateway') === 1 && count('worker') === 1 && count('stream') === most && most > 0;
  return {
    name: 'no process was replaced',
    verdict: isKept ? 'pass' : 'fail',
    found,
    limit: `1, 1, ${Math.max(1, most)}`,
  };
}

function memoryOf(
  process: ProcessSeries,
  findings: Pick<SoakFindings, 'windowS' | 'untilS' | 'mostGrowthMbPerH'>,
): Criterion {
  const { mostGrowthMbPerH = 1 } = findings;
  const most = mostGrowthMbPerH * MB;
  const trend = growthOf(process, findings);
  const limit = `≤ ${mostGrowthMbPerH} MB/h`;
  const name = `memory of ${process.name}`;
  if (trend === undefined) return { name, verdict: 'unsure', found: 'too few windows', limit };
  const [low, slope, high] = [trend.lowPerS, trend.perS, trend.highPerS].map((perS) => perS * S_PER_H) as [
    number,
    number,
    number,
  ];
  const verdict = slope > most ? (low > most ? 'fail' : 'unsure') : 'pass';
  return { name, verdict, found: `${mb(slope)} MB/h (95 %: ${mb(low)} … ${mb(high)})`, limit };
}

function countOf({ name, samples }: ProcessSeries, what: 'handles' | 'threads'): Criterion {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const least = (of: typeof samples): number => Math.min(...of.map(({ process }) => process[what]));
  const first = least(samples.slice(0, third));
  const last = least(samples.slice(-third));
  return {
    name: `${what} of ${name}`,
    verdict: last - first > MOST_MORE ? 'fail' : 'pass',
    found: `at least ${first} in the first third, ${last} in the last`,
    limit: `at most ${MOST_MORE} more`,
  };
}

function pictures(recording: RecordingFacts | undefined): Criterion {
  const name = 'output pictures missing at the target that was not harmed';
  const limit = '0, in one connection';
  if (!recording || recording.frames === 0) return { name, verdict: 'fail', found: 'nothing was recorded', limit };
  const { missing, frames, files, longestStepMs } = recording;
  return {
    name,
    verdict: missing === 0 && files === 1 ? 'pass' : 'fail',
    found: `${missing} of ${frames + missing}, ${files} connection(s), longest step ${longestStepMs} ms`,
    limit,
  };
}

function order(recording: RecordingFacts | undefined): Criterion {
  const backSteps = recording?.backSteps ?? 0;
  return {
    name: 'time stamps that do not rise',
    verdict: backSteps === 0 ? 'pass' : 'fail',
    found: String(backSteps),
    limit: '0',
  };
}

function together(lipSync: LipSync | undefined): Criterion {
  const name = 'sound beside the picture, at the end';
  const limit = `within ${MOST_AV_OFFSET_MS} ms`;
  if (!lipSync || lipSync.pairs === 0) return { name, verdict: 'unsure', found: 'no flash with its bell', limit };
  const { medianMs, worstMs, pairs } = lipSync;
  return {
    name,
    verdict: Math.abs(medianMs) <= MOST_AV_OFFSET_MS ? 'pass' : 'fail',
    found: `${medianMs} ms (worst ${worstMs} ms of ${pairs})`,
    limit,
  };
}

const mb = (bytes: number): string => (bytes / MB).toFixed(2);
