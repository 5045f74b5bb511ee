import { describe, expect, it } from 'vitest';
import type { ProcessSample, SoakSample } from '#src/bench/soak-data.js';
import { judge, type Criterion, type SoakFindings } from '#src/bench/soak-verdict.js';

const MB = 1024 * 1024;
const HOUR_S = 3600;

interface Shape {
  /** Bytes of the stream process at a time. */
  readonly rss?: (atS: number) => number;
  readonly handles?: (atS: number) => number;
  readonly threads?: (atS: number) => number;
  readonly pid?: (atS: number) => number;
}

const steady = (pid: number, role: ProcessSample['role']): ProcessSample => ({
  ...{ pid, role, rssBytes: 90 * MB, pssBytes: 80 * MB, privateBytes: 70 * MB, handles: 30, threads: 11 },
});

function samples({ rss = () => 400 * MB, handles = () => 60, threads = () => 40, pid = () => 3 }: Shape): SoakSample[] {
  return Array.from({ length: HOUR_S / 5 }, (_, i) => {
    const atS = i * 5;
    const stream = { ...steady(pid(atS), 'stream'), rssBytes: rss(atS), handles: handles(atS), threads: threads(atS) };
    return { atS, processes: [steady(1, 'gateway'), steady(2, 'worker'), stream] };
  });
}

const good: SoakFindings = {
  samples: samples({}),
  warmUpS: 600,
  windowS: 60,
  recording: { files: 1, frames: 108_000, seconds: 3600, missing: 0, longestStepMs: 34, backSteps: 0, flaws: [] },
  lipSync: { pairs: 9, medianMs: 12, worstMs: 30 },
};

const verdict = (findings: SoakFindings, name: string): Criterion['verdict'] | undefined =>
  judge(findings).find((criterion) => criterion.name.includes(name))?.verdict;

/** Comes and goes within each minute, with some noise. */
const wave = (atS: number): number => 400 * MB + (atS % 60) * 0.5 * MB + (((atS / 5) * 7919) % 13) * 0.1 * MB;

describe('judge', () => {
  it('passes a run in which nothing grows, breaks or drifts', () => {
    const criteria = judge(good);

    expect(criteria.filter(({ verdict: found }) => found !== 'pass')).toEqual([]);
    expect(criteria).toHaveLength(13);
  });

  it.each<[string, Shape, Criterion['verdict']]>([
    ['comes and goes', { rss: wave }, 'pass'],
    ['grows by 0.5 MB an hour', { rss: (atS) => 400 * MB + (0.5 * MB * atS) / HOUR_S }, 'pass'],
    ['grows by 3 MB a flap', { rss: (atS) => wave(atS) + (3 * MB * atS) / 60 }, 'fail'],
    ['grows by 2 MB an hour', { rss: (atS) => 400 * MB + (2 * MB * atS) / HOUR_S }, 'fail'],
    ['grew before the warm-up was over', { rss: (atS) => 300 * MB + Math.min(atS, 600) * MB }, 'pass'],
    ['shrinks', { rss: (atS) => 400 * MB - (20 * MB * atS) / HOUR_S }, 'pass'],
  ])('memory that %s', (_, shape, expected) => {
    expect(verdict({ ...good, samples: samples(shape) }, 'memory of stream')).toBe(expected);
  });

  it.each<[number, Criterion['verdict']]>([
    [60, 'pass'],
    [30, 'fail'],
  ])('allows %d MB an hour where it is told so', (mostGrowthMbPerH, expected) => {
    const growing = samples({ rss: (atS) => 400 * MB + (40 * MB * atS) / HOUR_S });

    expect(verdict({ ...good, samples: growing, mostGrowthMbPerH }, 'memory of stream')).toBe(expected);
  });

  it('does not say of a short run with much noise that it leaks', () => {
    const short = samples({ rss: (atS) => 400 * MB + ((atS * 7919) % 37) * MB }).slice(0, 36);

    expect(verdict({ ...good, samples: short, warmUpS: 30 }, 'memory of stream')).not.toBe('fail');
  });

  it.each<[string, Shape, string, Criterion['verdict']]>([
    ['one thread more a minute', { threads: (atS) => 40 + Math.floor(atS / 60) }, 'threads of stream', 'fail'],
    ['one descriptor more a minute', { handles: (atS) => 60 + Math.floor(atS / 60) }, 'handles of stream', 'fail'],
    ['descriptors that come back', { handles: (atS) => 60 + (atS % 60) }, 'handles of stream', 'pass'],
    ['a process that was replaced', { pid: (atS) => (atS < 1800 ? 3 : 4) }, 'replaced', 'fail'],
  ])('counts: %s', (_, shape, name, expected) => {
    expect(verdict({ ...good, samples: samples(shape) }, name)).toBe(expected);
  });

  it.each<[string, Partial<SoakFindings>, string, Criterion['verdict']]>([
    ['a picture is missing', { recording: { ...good.recording!, missing: 1 } }, 'missing', 'fail'],
    ['the target was connected twice', { recording: { ...good.recording!, files: 2 } }, 'missing', 'fail'],
    ['nothing was recorded', { recording: { ...good.recording!, frames: 0 } }, 'missing', 'fail'],
    ['a time stamp goes back', { recording: { ...good.recording!, backSteps: 1 } }, 'rise', 'fail'],
    ['the sound is late', { lipSync: { pairs: 9, medianMs: 41, worstMs: 50 } }, 'sound', 'fail'],
    ['the sound is early', { lipSync: { pairs: 9, medianMs: -41, worstMs: -50 } }, 'sound', 'fail'],
    ['no flash was seen', { lipSync: { pairs: 0, medianMs: 0, worstMs: 0 } }, 'sound', 'unsure'],
  ])('output: %s', (_, change, name, expected) => {
    expect(verdict({ ...good, ...change }, name)).toBe(expected);
  });
});
