import { describe, expect, it } from 'vitest';
import type { ReportData, ReportRow } from '#src/bench/report-data.js';
import { formatReport } from '#src/bench/report-page.js';

const row = (height: number, processor: 'gpu' | 'cpu', more: Partial<ReportRow> = {}): ReportRow => ({
  width: (height * 16) / 9,
  height,
  processor,
  decoder: processor === 'gpu' ? 'nvh264dec' : 'avdec_h264',
  encoder: 'x264enc',
  fps: processor === 'gpu' ? 500 : 60,
  latencyMs: { decode: { p50: 1.234, p95: 2 }, encode: { p50: 9, p95: 11 } },
  frameMs: { decode: 1.5, detect: 0.75, compose: 0.25, encode: 7.5 },
  cores: 1.25,
  memoryMib: 512,
  ...more,
});

const data = (more: Partial<ReportData>): ReportData => ({
  version: '1.2.3',
  date: '2026-05-04T03:02:01.000Z',
  machine: '4 × CPU',
  gpu: { isUsed: true, text: 'Some GPU' },
  seconds: 5,
  rows: [],
  ...more,
});

const pageOf = (more: Partial<ReportData>): string => formatReport(data(more))[0]!.text;

describe('formatReport', () => {
  const gpuUse = {
    gpuPercent: 41,
    decoderPercent: 77,
    memoryMib: 1300,
    gpuOverTime: [
      [0, 40],
      [0.5, 42],
    ] as const,
  };
  const rows = [row(720, 'gpu', { gpuUse }), row(720, 'cpu'), row(1080, 'gpu', { gpuUse }), row(1080, 'cpu')];

  it('shows the CPU beside the GPU, and a plot for every file that the page shows', () => {
    const files = formatReport(data({ rows }));
    const page = files[0]!.text;

    expect(files.map(({ name }) => name)).toEqual(['report.md', 'fps.svg', 'stages.svg', 'gpu.svg']);
    for (const { name } of files.slice(1)) expect(page).toContain(`](${name})`);
    expect(page).toContain('Version 1.2.3, 2026-05-04, on 4 × CPU.');
    expect(page).toContain('| 720p | 500 | 60 | 1.3 | 1.3 | 512 MiB | 512 MiB |');
    expect(page).toContain('| 1080p | 41 % | 77 % | 1300 MiB |');
    expect(page).toContain('| 720p | GPU | 1.23 / 2 | – | – | – | – | 9 / 11 | nvh264dec | x264enc |');
  });

  it('names the bottleneck of each row', () => {
    const page = pageOf({ rows });
    expect(page.match(/^- \*\*.*Encoding takes 75 % of a frame's time and allows 133 frames a second/gm)).toHaveLength(
      4,
    );
  });

  it('has CPU columns only without a GPU, and says why', () => {
    const files = formatReport(data({ gpu: { isUsed: false, text: 'no driver' }, rows: [row(720, 'cpu')] }));
    const page = files[0]!.text;

    expect(files.map(({ name }) => name)).toEqual(['report.md', 'fps.svg', 'stages.svg']);
    expect(page).toContain('No GPU was used, so there are CPU columns only: no driver.');
    expect(page).toContain('| 720p | 60 | 1.3 | 512 MiB |');
    expect(page).not.toContain('GPU, fps');
  });

  it('says so where nvidia-smi knows nothing of the GPU', () => {
    expect(pageOf({ rows: [row(720, 'gpu')] })).toContain('nvidia-smi is not here');
  });

  it('says why nothing was encoded', () => {
    const { encoder: _, ...without } = row(720, 'cpu', { encoderProblem: 'no a|b', frameMs: {} });
    const page = pageOf({ rows: [without] });
    expect(page).toContain('none: no a\\|b');
    expect(page).toContain('not known, nothing was measured');
  });
});
