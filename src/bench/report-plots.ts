import { STAGES } from './bottleneck.js';
import { drawBars, drawLines } from './plot.js';
import {
  PROCESSOR_NAMES,
  processorsOf,
  rowOf,
  sizeName,
  sizesOf,
  type ReportData,
  type ReportRow,
} from './report-data.js';

/** A plot of the report. */
export interface Plot {
  /** Of its file. */
  readonly name: string;
  /** For people who don't see it. */
  readonly caption: string;
  /** The SVG document. */
  readonly text: string;
}

/** The plots of the report: rates, stages and, if it is known, the use of the GPU. */
export function plotsOf(data: ReportData): readonly Plot[] {
  return [ratesPlot(data), stagesPlot(data), ...gpuPlot(data)];
}

function ratesPlot(data: ReportData): Plot {
  const processors = processorsOf(data);
  const text = drawBars({
    title: 'Frames a second, decoding to composing, one stream',
    unit: 'fps',
    series: processors.map((processor) => PROCESSOR_NAMES[processor]),
    groups: sizesOf(data.rows).map((size) => ({
      label: sizeName(size),
      values: processors.map((processor) => rowOf(data.rows, size, processor)?.fps),
    })),
    bars: 'beside',
  });
  return { name: 'fps.svg', caption: 'Frames a second at each size', text };
}

function stagesPlot({ rows }: ReportData): Plot {
  const text = drawBars({
    title: 'What a frame costs, by stage',
    unit: 'ms',
    series: STAGES,
    groups: rows.map((row: ReportRow) => ({
      label: `${sizeName(row)} ${PROCESSOR_NAMES[row.processor]}`,
      values: STAGES.map((stage) => row.frameMs[stage]),
    })),
    bars: 'stacked',
  });
  return { name: 'stages.svg', caption: 'Milliseconds of each stage a frame', text };
}

function gpuPlot({ rows }: ReportData): readonly Plot[] {
  const series = rows.flatMap((row) => (row.gpuUse ? [{ label: sizeName(row), points: row.gpuUse.gpuOverTime }] : []));
  if (series.length === 0) return [];
  const text = drawLines({ title: 'GPU in use while the chain runs', unit: '%', across: 'seconds', series, most: 100 });
  return [{ name: 'gpu.svg', caption: 'Use of the GPU over time', text }];
}
