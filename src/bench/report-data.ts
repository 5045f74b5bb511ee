import type { Size } from '../shared/domain/box.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import type { FrameCosts, Stage } from './bottleneck.js';

/** What was measured at one size on one processor. The size is that of source and output. */
export interface ReportRow extends Size {
  /** What decoded, detected, embedded and composed. */
  readonly processor: 'gpu' | 'cpu';
  /** GStreamer element that decoded. */
  readonly decoder: string;
  /** GStreamer element that encoded; absent if nothing could be encoded. */
  readonly encoder?: string;
  /** Why nothing could be encoded. */
  readonly encoderProblem?: string;
  /** Frames a second from decoding to composing, without encoding. */
  readonly fps: number;
  /** Of one call, ms. */
  readonly latencyMs: Readonly<Partial<Record<Stage, Percentiles>>>;
  /** Of one frame on average: a stage that does not run on every frame takes less than a call. */
  readonly frameMs: FrameCosts;
  /** CPU cores in use on average. */
  readonly cores: number;
  /** Resident memory of the process, MiB. */
  readonly memoryMib: number;
  /** Absent without a GPU, or without nvidia-smi. */
  readonly gpuUse?: GpuUse;
}

/** How much of the GPU was in use during a run. */
export interface GpuUse {
  /** Share of the time in which a kernel ran, mean, percent. */
  readonly gpuPercent: number;
  /** The same of the video decoder; absent if the driver does not say. */
  readonly decoderPercent?: number;
  /** The most that all processes had in use, MiB. */
  readonly memoryMib: number;
  /** {@link gpuPercent} over the run: seconds since its begin, and percent. */
  readonly gpuOverTime: readonly (readonly [seconds: number, percent: number])[];
}

/** What the report shows. */
export interface ReportData {
  /** Of Diptych. */
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  /** CPU and Node, for people. */
  readonly machine: string;
  /** The GPU; or why there is none. */
  readonly gpu: { readonly isUsed: boolean; readonly text: string };
  /** Length of each run, s. */
  readonly seconds: number;
  /** In the order in which they are shown. */
  readonly rows: readonly ReportRow[];
}

/** Names of processors for people. */
export const PROCESSOR_NAMES = { gpu: 'GPU', cpu: 'CPU' } as const;

/** The processors that there are rows of, in the order in which they are shown. */
export const processorsOf = ({ gpu }: ReportData): readonly ReportRow['processor'][] =>
  gpu.isUsed ? ['gpu', 'cpu'] : ['cpu'];

/** The sizes that there are rows of, each once, in their order. */
export function sizesOf(rows: readonly ReportRow[]): readonly Size[] {
  return rows.filter(
    (row, i) => rows.findIndex(({ height, width }) => height === row.height && width === row.width) === i,
  );
}

/** The row of a size and processor, if there is one. */
export const rowOf = (
  rows: readonly ReportRow[],
  { width, height }: Size,
  processor: ReportRow['processor'],
): ReportRow | undefined =>
  rows.find((row) => row.width === width && row.height === height && row.processor === processor);

/** Name of a size by its height, e.g. 1080p. */
export const sizeName = ({ height }: Size): string => `${height}p`;
