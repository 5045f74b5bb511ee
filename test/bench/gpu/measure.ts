import { rounded } from '#src/bench/measure.js';
import { percentilesOf } from '#src/shared/percentile.js';

/** One number that a step found. */
export interface Measure {
  readonly step: string;
  readonly what: string;
  readonly unit: string;
  /** The median where there are several. */
  readonly value: number;
  readonly p95?: number;
  readonly goal?: Goal;
  readonly note?: string;
}

/** What is to be reached: the value, or its p95 where `of` says so. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
  /** @defaultValue 'value' */
  readonly of?: 'value' | 'p95';
}

export function isMet({ value, p95, goal }: Measure): boolean | undefined {
  if (goal === undefined) return undefined;
  const looked = goal.of === 'p95' ? (p95 ?? Number.NaN) : value;
  return looked <= (goal.atMost ?? Infinity) && looked >= (goal.atLeast ?? -Infinity);
}

/** Times of calls, one after the other, ms; what runs first is left out. */
export async function timeCalls(calls: number, warmUps: number, call: (i: number) => unknown): Promise<number[]> {
  for (let i = 0; i < warmUps; i += 1) await call(i);
  const times: number[] = [];
  for (let i = 0; i < calls; i += 1) {
    const begunMs = performance.now();
    await call(i);
    times.push(performance.now() - begunMs);
  }
  return times;
}

/** Median and p95 of values, as a measure has them. */
export function summed(values: readonly number[], digits = 3): { readonly value: number; readonly p95: number } {
  const { p50, p95 } = percentilesOf(values);
  return { value: rounded(p50, digits), p95: rounded(p95, digits) };
}

/** The measures as a table of Markdown. */
export function formatTable(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => {
    const { step, what, unit, value, p95, goal, note } = measure;
    const met = isMet(measure);
    return [
      step,
      what,
      `${value} ${unit}`,
      p95 === undefined ? '' : `${p95} ${unit}`,
      goal === undefined ? '' : goalText(goal, unit),
      met === undefined ? '' : met ? 'yes' : '**no**',
      note ?? '',
    ];
  });
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(['step', 'what', 'median', 'p95', 'must reach', 'reached', 'note']),
    line(Array.from({ length: 7 }, () => '---')),
    ...rows.map(line),
  ].join('\n');
}

function goalText({ atMost, atLeast, of = 'value' }: Goal, unit: string): string {
  const limits = [...(atMost === undefined ? [] : [`≤ ${atMost}`]), ...(atLeast === undefined ? [] : [`≥ ${atLeast}`])];
  return `${of === 'p95' ? 'p95 ' : ''}${limits.join(', ')} ${unit}`;
}
