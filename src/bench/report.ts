import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { gatewaySchema } from '../shared/config/schema.js';
import type { Size } from '../shared/domain/box.js';
import { DiptychError } from '../shared/domain/errors.js';
import { chooseGpu } from '../stream/backend/gpu/gpu.adapter.js';
import { requireProgram } from '../shared/programs/find-program.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { reportClip, REPORT_SIZES } from './report-clips.js';
import type { ReportData, ReportRow } from './report-data.js';
import { formatReport } from './report-page.js';
import { measureRow } from './report-row.js';
import { packagePath } from '../shared/package-root.js';

/** What the report measures, and where it is written. */
export interface ReportOptions {
  /** Folder of the page, which is made if need be. @defaultValue `diptych-report` */
  readonly out?: string;
  /** Length of each run, s: longer runs vary less. @defaultValue 5 */
  readonly seconds?: number;
  /** Sizes of source and output. @defaultValue 720p, 1080p, 1440p, 2160p */
  readonly sizes?: readonly Size[];
  /** Path of the clip of a size. @defaultValue one that is rendered the first time */
  readonly clipFor?: (size: Size, signal: AbortSignal) => Promise<string>;
  /** Receives a line for each step. */
  readonly onProgress?: (text: string) => void;
}

/** What `diptych bench report` prints. */
export interface ReportResult {
  /** Path of the page. */
  readonly report: string;
  /** The GPU that was used, or why none was. */
  readonly gpu: string;
  /** Figures of each size and processor. */
  readonly rows: readonly ReportRow[];
}

/**
 * Measures one stream at several sizes, on the GPU where there is one and on the CPU, and writes a
 * page with plots that names the bottleneck.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` if the folder cannot be written; if a clip cannot be made or run.
 */
export async function benchReport(
  { out = 'diptych-report', seconds = 5, sizes = REPORT_SIZES, clipFor = reportClip, onProgress }: ReportOptions,
  signal: AbortSignal,
): Promise<ReportResult> {
  // Before anything is said of a step: the clips are rendered by it.
  if (clipFor === reportClip) requireProgram('ffmpeg');
  const { gpu, reason } = await chooseGpu(gatewaySchema.parse({}).gpu, loadAddon());
  const rows: ReportRow[] = [];
  for (const size of sizes) {
    onProgress?.(`${size.height}p: the clip`);
    const clip = await clipFor(size, signal);
    for (const processor of gpu ? (['gpu', 'cpu'] as const) : (['cpu'] as const)) {
      onProgress?.(`${size.height}p on the ${processor.toUpperCase()}`);
      rows.push(await measureRow({ clip, size, processor, seconds }, signal));
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

async function packageVersion(): Promise<string> {
  const text = await readFile(packagePath('package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
