import type { Percentiles } from '../shared/domain/stream-status.js';
import { explainBottleneck, findBottleneck, STAGES } from './bottleneck.js';
import { rounded } from './measure.js';
import {
  PROCESSOR_NAMES,
  processorsOf,
  rowOf,
  sizeName,
  sizesOf,
  type ReportData,
  type ReportRow,
} from './report-data.js';
import { plotsOf, type Plot } from './report-plots.js';

/** A file of the report. */
export interface ReportFile {
  /** In the folder of the report. */
  readonly name: string;
  /** Its content, UTF-8. */
  readonly text: string;
}

/** The page and its plots. */
export function formatReport(data: ReportData): readonly ReportFile[] {
  const plots = plotsOf(data);
  return [{ name: 'report.md', text: pageOf(data, plots) }, ...plots.map(({ name, text }) => ({ name, text }))];
}

function pageOf(data: ReportData, plots: readonly Plot[]): string {
  const { rows, gpu } = data;
  const lines = [
    '# Diptych: how fast, and what holds it back',
    '',
    `Version ${data.version}, ${data.date.slice(0, 10)}, on ${data.machine}.`,
    '',
    gpu.isUsed ? `GPU: ${gpu.text}.` : `No GPU was used, so there are CPU columns only: ${gpu.text}.`,
    '',
    '## Bottleneck',
    '',
    ...rows.map((row) => `- **${sizeName(row)} on the ${PROCESSOR_NAMES[row.processor]}:** ${bottleneckOf(row)}`),
    '',
    '## Frames a second',
    '',
    ...picturesOf(plots, 'fps.svg'),
    `One stream, decoding to composing, as fast as it goes (output as large as the source)${gpu.isUsed ? '; the CPU beside the GPU' : ''}. A live stream needs ${LIVE_FPS}.`,
    '',
    rateTable(data),
    '',
    '## Time of each stage',
    '',
    ...picturesOf(plots, 'stages.svg'),
    'What a frame costs on average, one stage on top of the other. Decoding, the chain and encoding run beside each other, so the tallest part is what limits the rate, not the whole bar.',
    '',
    'One call, median / 95th percentile, ms (a dash: not asked, or not measured):',
    '',
    stageTable(rows),
    '',
    '## GPU',
    '',
    ...(gpu.isUsed ? gpuSection(rows, plots) : [`There is none: ${gpu.text}.`, '']),
    '## How this was measured',
    '',
    `\`diptych bench report --seconds ${data.seconds}\`: two real people who pass each other, H.264 at 30 frames a second, drawn at each size by itself; about ${data.seconds} s a run, the clip going round. Detection as configured by default (15 a second of video), faces looked at when people may be mixed up. Each stage's time is a call's, beyond the end of the call before it; decoding's is the time between frames when nothing else runs, encoding's the time from a picture to its encoded form with the live encoder's settings, one at a time.`,
    '',
  ];
  return lines.join('\n');
}

const LIVE_FPS = 30;

function rateTable(data: ReportData): string {
  const processors = processorsOf(data);
  const names = processors.map((processor) => PROCESSOR_NAMES[processor]);
  const head = ['fps', 'CPU cores', 'memory'].flatMap((what) => names.map((name) => `${name}, ${what}`));
  const rows = sizesOf(data.rows).map((size) => {
    const found = processors.map((processor) => rowOf(data.rows, size, processor));
    return [
      sizeName(size),
      ...found.map((row) => numberOf(row?.fps, 0)),
      ...found.map((row) => numberOf(row?.cores, 1)),
      ...found.map((row) => unitOf(row?.memoryMib, 0, 'MiB')),
    ];
  });
  return table(['size', ...head], rows);
}

const stageTable = (rows: readonly ReportRow[]): string =>
  table(
    ['size', 'on', ...STAGES, 'decoder', 'encoder'],
    rows.map((row) => [
      sizeName(row),
      PROCESSOR_NAMES[row.processor],
      ...STAGES.map((stage) => textOf(row.latencyMs[stage])),
      row.decoder,
      row.encoder ?? `none: ${row.encoderProblem ?? 'unknown'}`,
    ]),
  );

function gpuSection(rows: readonly ReportRow[], plots: readonly Plot[]): readonly string[] {
  const measured = rows.flatMap((row) => (row.gpuUse ? [{ row, use: row.gpuUse }] : []));
  if (measured.length === 0)
    return ['nvidia-smi is not here or says nothing of this GPU, so its use is not known.', ''];
  return [
    ...picturesOf(plots, 'gpu.svg'),
    table(
      ['size', 'GPU, mean', 'decoder, mean', 'memory in use, all processes'],
      measured.map(({ row, use }) => [
        sizeName(row),
        unitOf(use.gpuPercent, 0, '%'),
        unitOf(use.decoderPercent, 0, '%'),
        unitOf(use.memoryMib, 0, 'MiB'),
      ]),
    ),
    '',
  ];
}

function bottleneckOf(row: ReportRow): string {
  const found = findBottleneck(row.frameMs);
  if (!found) return 'not known, nothing was measured.';
  const { processor, decoder, encoder } = row;
  return explainBottleneck(found, { processor, decoder, ...(encoder !== undefined && { encoder }) });
}

function picturesOf(plots: readonly Plot[], name: string): readonly string[] {
  return plots.filter((plot) => plot.name === name).flatMap(({ caption }) => [`![${caption}](${name})`, '']);
}

const numberOf = (value: number | undefined, digits: number): string =>
  value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);

const unitOf = (value: number | undefined, digits: number, unit: string): string =>
  value === undefined || !Number.isFinite(value) ? '–' : `${value.toFixed(digits)} ${unit}`;

const textOf = (value: Percentiles | undefined): string =>
  value === undefined ? '–' : `${rounded(value.p50, 2)} / ${rounded(value.p95, 2)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
