import type { Size } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { FrameHandle } from '../shared/domain/frame.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import { percentilesOf } from '../shared/percentile.js';
import { withResources, type ResourceStack } from '../shared/resource-stack.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { openEncoder, type EncodeSession } from '../stream/stages/encode/encode-session.adapter.js';
import type { FrameCosts, Stage } from './bottleneck.js';
import { decodeFreely } from './decode-freely.js';
import { timeEncoding } from './encode-speed.js';
import { watchGpu, type TimedReading } from './gpu-meter.adapter.js';
import { rounded } from './measure.js';
import {
  logger,
  openChainBackend,
  runFreely,
  streamConfigFor,
  type ChainConfig,
  type FreeRun,
  type Processor,
} from './measured-chain.js';
import type { GpuUse, ReportRow } from './report-data.js';
import { CHAIN_STAGES } from './stage-times.js';

/** What is measured for one row of the report. */
export interface RowOptions {
  /** Path of the video. */
  readonly clip: string;
  /** Its size, which is the output's as well. */
  readonly size: Size;
  /** What decodes, detects, embeds and composes. */
  readonly processor: Processor;
  /** About how long each run takes, s. */
  readonly seconds: number;
}

/** Composed pictures that the encoder is shown, and how often the next one is taken. */
const KEPT = 12;
const KEEP_EVERY = 5;
/** Pictures through the encoder for each second of a run. */
const ENCODED_A_SECOND = 20;

/**
 * Measures one stream at one size: decoding, the chain and encoding, each by itself.
 *
 * @throws {@link DiptychError} if the clip cannot be decoded or a stage fails; the reason of `signal`.
 */
export function measureRow(options: RowOptions, signal: AbortSignal): Promise<ReportRow> {
  return withResources(async (resources) => {
    const { clip, size, processor, seconds } = options;
    const stream = streamConfigFor(clip, size);
    const memory = processor === 'gpu' ? 'cuda' : 'system';
    const decoded = await decodeFreely(clip, memory, { seconds, signal });
    const encoder = await openEncoder(stream.output, { logger, memory }).catch((error: unknown) => {
      if (error instanceof DiptychError) return error;
      throw error;
    });
    const hasEncoder = !(encoder instanceof DiptychError);
    if (hasEncoder) resources.defer(() => encoder.close());
    const pictureMemory = hasEncoder ? encoder.inputMemory : memory;
    const run = await runChain({ processor, stream, pictureMemory }, seconds, resources, signal);
    const count = Math.ceil(seconds * ENCODED_A_SECOND);
    const encodeMs = hasEncoder ? await timeEncoding(encoder, stream.output, run.pictures, count) : [];
    return {
      ...size,
      processor,
      decoder: run.decoder,
      ...describeEncoder(encoder),
      fps: rounded(run.fps, 1),
      latencyMs: latenciesOf({ ...run.stageMs, decode: decoded.intervalsMs, encode: encodeMs }),
      frameMs: costsOf(run, 1000 / decoded.fps, encodeMs),
      cores: rounded(run.cores, 2),
      memoryMib: rounded(process.memoryUsage.rss() / 2 ** 20, 0),
      ...(run.readings.length > 0 && { gpuUse: useOf(run.readings) }),
    };
  });
}

interface MeasuredRun extends FreeRun {
  /** Some of the composed pictures; `resources` releases them. */
  readonly pictures: readonly FrameHandle[];
  readonly cores: number;
  /** Of the GPU, over the run; none on the CPU. */
  readonly readings: readonly TimedReading[];
}

async function runChain(
  config: ChainConfig,
  seconds: number,
  resources: ResourceStack,
  signal: AbortSignal,
): Promise<MeasuredRun> {
  const addon = loadAddon();
  const { backend, close } = await openChainBackend(config, signal);
  resources.defer(close);
  const pictures: FrameHandle[] = [];
  resources.defer(() => pictures.forEach((picture) => addon.release(picture)));
  const meter = config.processor === 'gpu' ? await watchGpu() : undefined;
  const begunMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const onFrame = ({ picture }: { readonly picture: FrameHandle }, index: number): void => {
    if (pictures.length >= KEPT || index % KEEP_EVERY > 0) return;
    addon.retain(picture);
    pictures.push(picture);
  };
  try {
    const run = await runFreely(backend, { stream: config.stream, seconds, onFrame }, signal);
    const { user, system } = process.cpuUsage(cpuBefore);
    const cores = (user + system) / 1000 / (performance.now() - begunMs);
    return { ...run, pictures, cores, readings: meter?.stop() ?? [] };
  } finally {
    meter?.stop();
  }
}

const describeEncoder = (encoder: EncodeSession | DiptychError): Pick<ReportRow, 'encoder' | 'encoderProblem'> =>
  encoder instanceof DiptychError ? { encoderProblem: encoder.message } : { encoder: encoder.encoder };

const costsOf = ({ stageMs, frames }: FreeRun, decode: number, encodeMs: readonly number[]): FrameCosts => ({
  decode,
  ...Object.fromEntries(CHAIN_STAGES.map((stage) => [stage, sum(stageMs[stage]) / frames])),
  ...(encodeMs.length > 0 && { encode: sum(encodeMs) / encodeMs.length }),
});

function latenciesOf(times: Partial<Record<Stage, readonly number[]>>): Partial<Record<Stage, Percentiles>> {
  const known = Object.entries(times).filter(([, values]) => values.length > 0);
  return Object.fromEntries(
    known.map(([stage, values]) => {
      const { p50, p95 } = percentilesOf(values);
      return [stage, { p50: rounded(p50, 3), p95: rounded(p95, 3) }];
    }),
  );
}

function useOf(readings: readonly TimedReading[]): GpuUse {
  const decoder = readings.flatMap(({ decoderPercent }) => (decoderPercent === undefined ? [] : [decoderPercent]));
  const [first] = readings;
  return {
    gpuPercent: rounded(sum(readings.map(({ gpuPercent }) => gpuPercent)) / readings.length, 1),
    ...(decoder.length > 0 && { decoderPercent: rounded(sum(decoder) / decoder.length, 1) }),
    memoryMib: Math.max(...readings.map(({ memoryMib }) => memoryMib)),
    gpuOverTime: readings.map(({ atMs, gpuPercent }) => [rounded((atMs - (first?.atMs ?? 0)) / 1000, 2), gpuPercent]),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
