import { drawLines } from './plot.js';
import type { SoakSample } from './soak-data.js';

const MB = 1024 * 1024;
const S_PER_MIN = 60;

/** A file of the folder that a soak writes. */
export interface PlotFile {
  /** Of the file. */
  readonly name: string;
  /** An SVG document. */
  readonly text: string;
}

/** Memory, descriptors and threads of every process, and the delay of the chain, over the time of a soak. */
export function soakPlots(samples: readonly SoakSample[], title: string): readonly PlotFile[] {
  const names = new Map<number, string>();
  for (const { processes } of samples) for (const { pid, role } of processes) names.set(pid, `${role} ${pid}`);
  const lines = (of: 'rssBytes' | 'handles' | 'threads', unit: number): Parameters<typeof drawLines>[0]['series'] =>
    [...names].map(([pid, label]) => ({
      label,
      points: samples.flatMap(({ atS, processes }) => {
        const process = processes.find((each) => each.pid === pid);
        return process ? [[atS / S_PER_MIN, process[of] / unit] as const] : [];
      }),
    }));
  const across = 'minutes';
  const delays = samples.flatMap(({ atS, stream }) => (stream ? [[atS / S_PER_MIN, stream.totalP95Ms] as const] : []));
  return [
    {
      name: 'soak.svg',
      text: drawLines({ title: `${title}: resident memory`, unit: 'MB', across, series: lines('rssBytes', MB) }),
    },
    {
      name: 'soak-handles.svg',
      text: drawLines({ title: `${title}: open descriptors`, unit: '', across, series: lines('handles', 1) }),
    },
    {
      name: 'soak-threads.svg',
      text: drawLines({ title: `${title}: threads`, unit: '', across, series: lines('threads', 1) }),
    },
    {
      name: 'soak-delay.svg',
      text: drawLines({
        title: `${title}: delay of the chain`,
        unit: 'ms',
        across,
        series: [{ label: '95th percentile', points: delays }],
      }),
    },
  ];
}
