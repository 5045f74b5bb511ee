import type { Size } from '../shared/domain/box.js';
import type { Percentiles } from '../shared/domain/stream-status.js';
import { explainBottleneck, findBottleneck, STAGES, type FrameCosts, type Stage } from './bottleneck.js';
import { rounded } from './measure.js';
import { drawBars, drawLines } from './plot.js';

/** What was measured at one size in one place. */
export interface ReportRow extends Size {
  readonly place: 'gpu' | 'cpu';
  readonly decoder: string;
  /** Absent where nothing could be encoded; then `encoderProblem` says why. */
  readonly encoder?: string;
  readonly encoderProblem?: string;
  /** Decoding to composing, without encoding. */
  readonly fps: number;
  /** Of one call, ms. */
  readonly latencyMs: Readonly<Partial<Record<Stage, Percentiles>>>;
  /** Of one frame on average: a stage that is not asked on every frame takes less than a call. */
  readonly frameMs: FrameCosts;
  /** CPU cores in use on average. */
  readonly cores: number;
  /** Resident memory of the process, MiB. */
  readonly memoryMib: number;
  /** Absent without a GPU. */
  readonly card?: CardUse;
}

export interface CardUse {
  /** Means over the run. */
  readonly gpuPercent: number;
  readonly decoderPercent?: number;
  /** The most that all processes had in use. */
  readonly memoryMib: number;
  /** Over the run: seconds and percent. */
  readonly gpuOverTime: readonly (readonly [seconds: number, percent: number])[];
}

export interface ReportData {
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  readonly machine: string;
  /** The card; or why there is none. */
  readonly gpu: { readonly isUsed: boolean; readonly text: string };
  /** Each run, s. */
  readonly seconds: number;
  readonly rows: readonly ReportRow[];
}

export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** The page and its plots. */
export function formatReport(data: ReportData): readonly ReportFile[] {
  const plots = plotsOf(data);
  return [{ name: 'report.md', text: pageOf(data, plots) }, ...plots.map(({ name, text }) => ({ name, text }))];
}

interface Plot extends ReportFile {
  readonly caption: string;
}

const PLACES = { gpu: 'GPU', cpu: 'CPU' } as const;

function pageOf(data: ReportData, plots: readonly Plot[]): string {
  const { rows, gpu } = data;
  const places = placesOf(data);
  const lines = [
    '# Diptych: how fast, and what holds it back',
    '',
    `Version ${data.version}, ${data.date.slice(0, 10)}, on ${data.machine}.`,
    '',
    gpu.isUsed ? `GPU: ${gpu.text}.` : `No GPU was used, so there are CPU columns only: ${gpu.text}.`,
    '',
    '## Bottleneck',
    '',
    ...rows.map((row) => `- **${sizeName(row)} on the ${PLACES[row.place]}:** ${bottleneckOf(row)}`),
    '',
    '## Frames a second',
    '',
    ...picturesOf(plots, 'fps.svg'),
    `One stream, decoding to composing, as fast as it goes (output as large as the source)${places.length > 1 ? '; the CPU beside the GPU' : ''}. A live stream needs ${LIVE_FPS}.`,
    '',
    table(
      [
        'size',
        ...places.map((place) => `${PLACES[place]}, fps`),
        ...places.map((place) => `${PLACES[place]}, CPU cores`),
        ...places.map((place) => `${PLACES[place]}, memory`),
      ],
      sizesOf(rows).map((size) => [
        sizeName(size),
        ...places.map((place) => numberOf(rowOf(rows, size, place)?.fps, 0)),
        ...places.map((place) => numberOf(rowOf(rows, size, place)?.cores, 1)),
        ...places.map((place) => unitOf(rowOf(rows, size, place)?.memoryMib, 0, 'MiB')),
      ]),
    ),
    '',
    '## Time of each stage',
    '',
    ...picturesOf(plots, 'stages.svg'),
    'What a frame costs on average, one stage on top of the other. Decoding, the chain and encoding run beside each other, so the tallest part is what limits the rate, not the whole bar.',
    '',
    'One call, median / 95th percentile, ms (a dash: not asked, or not measured):',
    '',
    table(
      ['size', 'on', ...STAGES, 'decoder', 'encoder'],
      rows.map((row) => [
        sizeName(row),
        PLACES[row.place],
        ...STAGES.map((stage) => percentilesOf(row.latencyMs[stage])),
        row.decoder,
        row.encoder ?? `none: ${row.encoderProblem ?? 'unknown'}`,
      ]),
    ),
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

function gpuSection(rows: readonly ReportRow[], plots: readonly Plot[]): readonly string[] {
  const measured = rows.flatMap((row) => (row.place === 'gpu' && row.card ? [{ row, card: row.card }] : []));
  if (measured.length === 0)
    return ['nvidia-smi is not here or says nothing of this card, so its use is not known.', ''];
  return [
    ...picturesOf(plots, 'gpu.svg'),
    table(
      ['size', 'GPU, mean', 'decoder, mean', 'memory in use, all processes'],
      measured.map(({ row, card }) => [
        sizeName(row),
        unitOf(card.gpuPercent, 0, '%'),
        unitOf(card.decoderPercent, 0, '%'),
        unitOf(card.memoryMib, 0, 'MiB'),
      ]),
    ),
    '',
  ];
}

function bottleneckOf(row: ReportRow): string {
  const found = findBottleneck(row.frameMs);
  if (!found) return 'not known, nothing was measured.';
  const { place, decoder, encoder } = row;
  return explainBottleneck(found, { place, decoder, ...(encoder !== undefined && { encoder }) });
}

function plotsOf({ rows, gpu }: ReportData): readonly Plot[] {
  const places = gpu.isUsed ? (['gpu', 'cpu'] as const) : (['cpu'] as const);
  const sizes = sizesOf(rows);
  const plots: Plot[] = [
    {
      name: 'fps.svg',
      caption: 'Frames a second at each size',
      text: drawBars({
        title: 'Frames a second, decoding to composing, one stream',
        unit: 'fps',
        series: places.map((place) => PLACES[place]),
        groups: sizes.map((size) => ({
          label: sizeName(size),
          values: places.map((place) => rowOf(rows, size, place)?.fps),
        })),
        bars: 'beside',
      }),
    },
    {
      name: 'stages.svg',
      caption: 'Milliseconds of each stage a frame',
      text: drawBars({
        title: 'What a frame costs, by stage',
        unit: 'ms',
        series: STAGES,
        groups: rows.map((row) => ({
          label: `${sizeName(row)} ${PLACES[row.place]}`,
          values: STAGES.map((stage) => row.frameMs[stage]),
        })),
        bars: 'stacked',
      }),
    },
  ];
  const overTime = rows.flatMap((row) =>
    row.place === 'gpu' && row.card ? [{ label: sizeName(row), points: row.card.gpuOverTime }] : [],
  );
  if (overTime.length > 0) {
    plots.push({
      name: 'gpu.svg',
      caption: 'Use of the GPU over time',
      text: drawLines({
        title: 'GPU in use while the chain runs',
        unit: '%',
        across: 'seconds',
        series: overTime,
        most: 100,
      }),
    });
  }
  return plots;
}

const placesOf = ({ gpu }: ReportData): readonly ('gpu' | 'cpu')[] => (gpu.isUsed ? ['gpu', 'cpu'] : ['cpu']);

function picturesOf(plots: readonly Plot[], name: string): readonly string[] {
  return plots.filter((plot) => plot.name === name).flatMap(({ caption }) => [`![${caption}](${name})`, '']);
}

function sizesOf(rows: readonly ReportRow[]): readonly Size[] {
  return rows.filter(
    (row, i) => rows.findIndex(({ height, width }) => height === row.height && width === row.width) === i,
  );
}

const rowOf = (rows: readonly ReportRow[], { width, height }: Size, place: string): ReportRow | undefined =>
  rows.find((row) => row.width === width && row.height === height && row.place === place);

const sizeName = ({ height }: Size): string => `${height}p`;

const numberOf = (value: number | undefined, digits: number): string =>
  value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);

const unitOf = (value: number | undefined, digits: number, unit: string): string =>
  value === undefined || !Number.isFinite(value) ? '–' : `${value.toFixed(digits)} ${unit}`;

const percentilesOf = (value: Percentiles | undefined): string =>
  value === undefined ? '–' : `${rounded(value.p50, 2)} / ${rounded(value.p95, 2)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
