/** What a card does at a moment. */
export interface GpuReading {
  /** Share of the last moment in which a kernel ran, percent. */
  readonly gpuPercent: number;
  /** The same of the video decoder; absent where the driver does not say. */
  readonly decoderPercent?: number;
  /** In use by all processes. */
  readonly memoryMib: number;
  /** Of the card; absent where the driver does not say. */
  readonly memoryTotalMib?: number;
}

/** One of many, with its time on any clock, ms. */
export interface TimedReading extends GpuReading {
  /** When it was read, ms on the clock of `performance.now()`. */
  readonly atMs: number;
}

/** What nvidia-smi is asked for, in the order of its answer. */
export const GPU_FIELDS = ['utilization.gpu', 'utilization.decoder', 'memory.used', 'memory.total'] as const;

/** One line of nvidia-smi's CSV without units; `undefined` where it is something else. */
export function parseGpuReading(line: string): GpuReading | undefined {
  const [gpu = '', decoder = '', memory = '', total = ''] = line.trim().split('\n', 1)[0]?.split(',') ?? [];
  const [gpuPercent, decoderPercent, memoryMib, memoryTotalMib] = [gpu, decoder, memory, total].map((text) =>
    Number.parseFloat(text),
  );
  if (!Number.isFinite(gpuPercent) || !Number.isFinite(memoryMib)) return undefined;
  return {
    gpuPercent: gpuPercent!,
    ...(Number.isFinite(decoderPercent) && { decoderPercent: decoderPercent! }),
    memoryMib: memoryMib!,
    ...(Number.isFinite(memoryTotalMib) && { memoryTotalMib: memoryTotalMib! }),
  };
}
