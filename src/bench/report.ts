import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { gatewaySchema } from '../shared/config/schema.js';
import type { Size } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { FrameHandle } from '../shared/domain/frame.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import { percentilesOf } from '../shared/percentile.js';
import { chooseGpu } from '../stream/backend/gpu/gpu.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { openEncoder, type EncodeSession } from '../stream/stages/encode/encode-session.adapter.js';
import type { Stage } from './bottleneck.js';
import { watchCard, type TimedReading } from './gpu-meter.adapter.js';
import { decodeFreely } from './decode-freely.js';
import { logger, openChainBackend, runFreely, streamConfigFor, type Processor } from './measured-chain.js';
import { CHAIN_STAGES } from './stage-times.js';
import { timeEncoding } from './encode-speed.js';
import { rounded } from './measure.js';
import { reportClip, REPORT_SIZES } from './report-clips.js';
import { formatReport, type CardUse, type ReportData, type ReportRow } from './report-page.js';
import { packagePath } from '../shared/package-root.js';

export interface ReportOptions {
  /** Folder of the page. @defaultValue `diptych-report` */
  readonly out?: string;
  /** Each run, s. @defaultValue 5 */
  readonly seconds?: number;
  /** @defaultValue 720p, 1080p, 1440p, 2160p */
  readonly sizes?: readonly Size[];
  /** The clip of a size. @defaultValue one that is rendered the first time */
  readonly clipFor?: (size: Size, signal: AbortSignal) => Promise<string>;
  readonly onProgress?: (text: string) => void;
}

export interface ReportResult {
  /** Path of the page. */
  readonly report: string;
  readonly gpu: string;
  readonly rows: readonly ReportRow[];
}

/** Composed pictures that the encoder is shown, and how often the next one is taken. */
const KEPT = 12;
const KEEP_EVERY = 5;
/** Pictures through the encoder for each second of a run. */
const ENCODED_A_SECOND = 20;

/**
 * Measures one stream at several sizes, on the GPU where there is one and on the CPU, and writes a
 * page with plots that names the bottleneck.
 *
 * @throws {@link DiptychError}
 */
export async function benchReport(
  { out = 'diptych-report', seconds = 5, sizes = REPORT_SIZES, clipFor = reportClip, onProgress }: ReportOptions,
  signal: AbortSignal,
): Promise<ReportResult> {
  const { gpu, reason } = await chooseGpu(gatewaySchema.parse({}).gpu, loadAddon());
  const rows: ReportRow[] = [];
  for (const size of sizes) {
    onProgress?.(`${size.height}p: the clip`);
    const clip = await clipFor(size, signal);
    for (const place of gpu ? (['gpu', 'cpu'] as const) : (['cpu'] as const)) {
      onProgress?.(`${size.height}p on the ${place.toUpperCase()}`);
      rows.push(await measureRow(clip, size, place, { seconds, signal }));
    }
  }
  const data: ReportData = {
    version: await packageVersion(),
    date: new Date().toISOString(),
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'an unknown CPU'}, Node ${process.versions.node}`,
    gpu: { isUsed: gpu !== undefined, text: reason },
    seconds,
    rows,
  };
  const folder = resolve(out);
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of formatReport(data)) await writeFile(join(folder, name), text);
  } catch (cause) {
    throw new DiptychError('DIPTYCH_E_USAGE', `--out: ${folder} cannot be written: ${String(cause)}`, { cause });
  }
  return { report: join(folder, 'report.md'), gpu: reason, rows };
}

interface RowOptions {
  readonly seconds: number;
  readonly signal: AbortSignal;
}

async function measureRow(
  clip: string,
  size: Size,
  place: Processor,
  { seconds, signal }: RowOptions,
): Promise<ReportRow> {
  const addon = loadAddon();
  const stream = streamConfigFor(clip, size);
  const memory = place === 'gpu' ? 'cuda' : 'system';
  const decoded = await decodeFreely(clip, memory, { seconds, signal });
  const encoder = await openEncoder(stream.output, { logger, memory }).catch((error: unknown) => {
    if (error instanceof DiptychError) return error;
    throw error;
  });
  const hasEncoder = !(encoder instanceof DiptychError);
  const pictureMemory = hasEncoder ? encoder.inputMemory : memory;
  const kept: FrameHandle[] = [];
  try {
    const { backend, close } = await openChainBackend({ processor: place, stream, pictureMemory }, signal);
    try {
      const card = place === 'gpu' ? watchCard() : undefined;
      const begunMs = performance.now();
      const cpuBefore = process.cpuUsage();
      const run = await runFreely(
        backend,
        {
          stream,
          seconds,
          onFrame: ({ picture }, index) => {
            if (kept.length >= KEPT || index % KEEP_EVERY > 0) return;
            addon.retain(picture);
            kept.push(picture);
          },
        },
        signal,
      );
      const { user, system } = process.cpuUsage(cpuBefore);
      const cores = (user + system) / 1000 / (performance.now() - begunMs);
      const readings = (await card?.stop()) ?? [];
      const count = Math.ceil(seconds * ENCODED_A_SECOND);
      const encodeMs = hasEncoder ? await timeEncoding(encoder, stream.output, kept, count) : [];
      const times: Partial<Record<Stage, readonly number[]>> = {
        ...run.stageMs,
        decode: decoded.intervalsMs,
        encode: encodeMs,
      };
      return {
        ...size,
        place,
        decoder: run.decoder,
        ...describeEncoder(encoder),
        fps: rounded(run.fps, 1),
        latencyMs: latenciesOf(times),
        frameMs: {
          decode: 1000 / decoded.fps,
          ...Object.fromEntries(CHAIN_STAGES.map((stage) => [stage, sum(run.stageMs[stage]) / run.frames])),
          ...(encodeMs.length > 0 && { encode: sum(encodeMs) / encodeMs.length }),
        },
        cores: rounded(cores, 2),
        memoryMib: rounded(process.memoryUsage.rss() / 2 ** 20, 0),
        ...(readings.length > 0 && { card: useOf(readings) }),
      };
    } finally {
      await close();
    }
  } finally {
    for (const picture of kept) addon.release(picture);
    if (hasEncoder) await encoder.close();
  }
}

const describeEncoder = (encoder: EncodeSession | DiptychError): Pick<ReportRow, 'encoder' | 'encoderProblem'> =>
  encoder instanceof DiptychError ? { encoderProblem: encoder.message } : { encoder: encoder.encoder };

function latenciesOf(times: Partial<Record<Stage, readonly number[]>>): Partial<Record<Stage, Percentiles>> {
  const known = Object.entries(times).filter(([, values]) => values.length > 0);
  return Object.fromEntries(
    known.map(([stage, values]) => {
      const { p50, p95 } = percentilesOf(values);
      return [stage, { p50: rounded(p50, 3), p95: rounded(p95, 3) }];
    }),
  );
}

function useOf(readings: readonly TimedReading[]): CardUse {
  const decoder = readings.flatMap(({ decoderPercent }) => (decoderPercent === undefined ? [] : [decoderPercent]));
  const [first] = readings;
  return {
    gpuPercent: rounded(sum(readings.map(({ gpuPercent }) => gpuPercent)) / readings.length, 1),
    ...(decoder.length > 0 && { decoderPercent: rounded(sum(decoder) / decoder.length, 1) }),
    memoryMib: Math.max(...readings.map(({ memoryMib }) => memoryMib)),
    gpuOverTime: readings.map(({ atMs, gpuPercent }) => [rounded((atMs - (first?.atMs ?? 0)) / 1000, 2), gpuPercent]),
  };
}

async function packageVersion(): Promise<string> {
  const text = await readFile(packagePath('package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
