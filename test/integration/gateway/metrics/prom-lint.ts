/** A metric in the text format of Prometheus. */
export interface ScrapedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Labels of all its samples, sorted. */
  readonly labels: readonly string[];
}

const SUFFIXES = /_(?:bucket|sum|count)$/;
/** Labels that Prometheus gives a meaning, by the type of the metric. */
const RESERVED: Readonly<Record<string, string>> = { le: 'histogram', quantile: 'summary' };
const OTHER_UNITS =
  /_(?:milliseconds?|ms|microseconds?|nanoseconds?|minutes?|hours?|days?|kilobytes?|kb|megabytes?|mb|bits?|percent)(?:_|$)/;

/** The metrics of a scrape. */
export function metricsOf(text: string): readonly ScrapedMetric[] {
  const metrics = new Map<string, ScrapedMetric>();
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    const known = metrics.get(name) ?? { name, type: '', help: '', labels: [] };
    if (kind === 'HELP') metrics.set(name, { ...known, help: rest });
    if (kind === 'TYPE') metrics.set(name, { ...known, type: rest });
    const [, sample = '', labels = ''] = /^([a-z_]\w*)(?:\{(.*)\})? \S+$/i.exec(line) ?? [];
    const metric = metrics.get(sample) ?? metrics.get(sample.replace(SUFFIXES, ''));
    if (!metric) continue;
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    metrics.set(metric.name, { ...metric, labels: [...new Set([...metric.labels, ...names])].sort() });
  }
  return [...metrics.values()];
}

/** What `promtool check metrics` objects to: the rules of promlint. */
export const lint = (text: string): readonly string[] =>
  metricsOf(text).flatMap(({ name, type, help, labels }) => {
    const rules: readonly (readonly [boolean, string])[] = [
      [help === '', 'no help text'],
      [type === '' || type === 'untyped', 'no type'],
      [type === 'counter' && !name.endsWith('_total'), 'counter metrics should have "_total" suffix'],
      [type !== 'counter' && name.endsWith('_total'), 'non-counter metrics should not have "_total" suffix'],
      [type !== 'histogram' && name.endsWith('_bucket'), 'non-histogram metrics should not have "_bucket" suffix'],
      [!['histogram', 'summary'].includes(type) && /_(?:sum|count)$/.test(name), 'reserved suffix'],
      [new RegExp(`_(?:gauge|counter|histogram|summary)(?:_|$)`).test(name), 'metric name should not include type'],
      [/[A-Z]/.test(name) || name.includes(':'), 'metric names should be written in snake_case'],
      [OTHER_UNITS.test(name), 'use base unit'],
      ...labels.map((label) => [/[A-Z]/.test(label), `label ${label} should be in snake_case`] as const),
      ...labels.map(
        (label) =>
          [
            RESERVED[label] !== undefined && RESERVED[label] !== type,
            `only a ${RESERVED[label]} has ${label}`,
          ] as const,
      ),
    ];
    return rules.flatMap(([isBroken, rule]) => (isBroken ? [`${name}: ${rule}`] : []));
  });
