import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packagePath } from '#src/shared/package-root.js';
import { startEtcd, type EtcdServers } from '../../../etcd-servers.js';
import { startClusterGateway, type ClusterGateway } from '../../../faults/cluster-hosts.js';
import { startRunningGateway, type RunningGateway } from '../../../faults/running-gateway.js';
import { lint, metricsOf, type ScrapedMetric } from './prom-lint.js';

const run = promisify(execFile);

let gateway: RunningGateway;
let etcd: EtcdServers;
let host: ClusterGateway;
/** Of a gateway that is alone, and of a host of a cluster. */
let text: string;
let clusterText: string;
let metrics: ReadonlyMap<string, ScrapedMetric>;

beforeAll(async () => {
  gateway = await startRunningGateway();
  // Nobody listens there: the target is tried again and again.
  await gateway.call('POST', '', {
    id: 'live',
    source: { url: 'test:' },
    output: { width: 320, height: 180, fps: 15, bitrateKbps: 400, preset: 'ultrafast' },
    targets: [{ id: 'tv', url: 'rtmp://127.0.0.1:9/live/key' }],
  });
  await gateway.call('POST', '', { id: 'away', source: { url: 'rtsp://127.0.0.1:9/cam' } });
  await gateway.until('live', ({ frames, targets }) => frames.detected > 3 && targets[0]?.error !== undefined);
  await gateway.until('away', ({ source }) => (source.reconnects ?? 0) > 0);
  await gateway.until('live', ({ latencyMs }) => latencyMs.total.p95 > 0);
  etcd = await startEtcd();
  host = await startClusterGateway('one', etcd.endpoints, { units: 8 });
  do {
    await delay(100);
    clusterText = await (await fetch(`${host.url}/metrics`)).text();
  } while (!clusterText.includes('diptych_cluster_publishing{host="one"} 1'));
  text = await (await fetch(`${gateway.url}/metrics`)).text();
  const found = [...metricsOf(clusterText), ...metricsOf(text)];
  // Those without samples have no labels; they sort first, so that others replace them.
  metrics = new Map(found.sort((a, b) => a.labels.length - b.labels.length).map((metric) => [metric.name, metric]));
}, 120_000);

afterAll(async () => {
  await Promise.all([gateway.stop(), host.stop()]);
  await etcd.stop();
});

const valueOf = (sample: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? Number.NaN : Number(line.slice(sample.length));
};

describe('GET /metrics of a gateway that runs', () => {
  it('breaks no rule of Prometheus', () => {
    expect(lint(text)).toEqual([]);
    expect(lint(clusterText)).toEqual([]);
  });

  it('tells of the cluster with what is measured of the lease, and of none where there is none', () => {
    const valueIn = (name: string): number =>
      Number(
        clusterText
          .split('\n')
          .find((line) => line.startsWith(`${name}{host="one"`))
          ?.split(' ')
          .at(-1),
      );

    expect(text).not.toContain('diptych_cluster_hosts{');
    expect(valueIn('diptych_cluster_hosts')).toBe(1);
    expect(valueIn('diptych_cluster_units')).toBe(8);
    expect(valueIn('diptych_cluster_lease_age_seconds')).toBeGreaterThan(0);
    expect(valueIn('diptych_cluster_lease_age_seconds')).toBeLessThan(1.7);
    expect(valueIn('diptych_cluster_lease_renewal_seconds')).toBeGreaterThan(0);
  });

  it('passes promtool check metrics', async ({ skip }) => {
    const promtool = await promtoolPath();
    if (promtool === undefined) skip('promtool could not be had: neither installed, nor from the Debian package');

    for (const input of [text, clusterText]) {
      const { status, stdout, stderr } = spawnSync(promtool ?? '', ['check', 'metrics'], { input, encoding: 'utf8' });

      expect(`${stdout}${stderr}`).toBe('');
      expect(status).toBe(0);
    }
  });

  it('counts durations in seconds, of every stage and of the whole', () => {
    for (const stage of ['decode', 'detect', 'compose', 'encode']) {
      const labels = `{stream="live",stage="${stage}"}`;
      const count = valueOf(`diptych_stage_latency_seconds_count${labels}`);
      expect(count, stage).toBeGreaterThan(3);
      expect(valueOf(`diptych_stage_latency_seconds_bucket{stream="live",stage="${stage}",le="+Inf"}`)).toBe(count);
      expect(valueOf(`diptych_stage_latency_seconds_sum${labels}`) / count).toBeLessThan(30);
    }
    expect(valueOf('diptych_frame_latency_seconds_count{stream="live"}')).toBeGreaterThan(3);
  });

  it('says what runs, what was counted, and each state as 0 or 1', async () => {
    const { version } = JSON.parse(await readFile(packagePath('package.json'), 'utf8')) as { version: string };

    expect(text).toContain(`diptych_build_info{version="${version}",`);
    expect(valueOf('diptych_detections_total{stream="live"}')).toBeGreaterThan(3);
    expect(valueOf('diptych_source_reconnects_total{stream="away"}')).toBeGreaterThan(0);
    for (const [name, id] of [
      ['diptych_stream_state', 'stream="live"'],
      ['diptych_stream_state', 'stream="away"'],
      ['diptych_target_state', 'stream="live",target="tv"'],
    ] as const) {
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}{${id},`));
      expect(
        lines
          .map((line) => line.split(' ').at(-1))
          .sort()
          .join(''),
      ).toMatch(/^0+1$/);
    }
  });
});

it.each([
  ['a counter without its ending', '# HELP a_frames x\n# TYPE a_frames counter\na_frames 1'],
  ['quantiles of a gauge', '# HELP a_seconds x\n# TYPE a_seconds gauge\na_seconds{quantile="0.5"} 1'],
  ['milliseconds', '# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1'],
  ['no help', '# TYPE a gauge\na 1'],
])('the rules find %s', (_name, wrong) => {
  expect(lint(wrong)).toHaveLength(1);
});

interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly type: string;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
  }[];
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

/** Metrics and labels of a query that `/metrics` does not have. */
function unknownIn(query: string): readonly string[] {
  const names = [...query.matchAll(/diptych_\w+/g)].map(([name]) => name);
  const found = names.map((name) => metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, '')));
  const labels = found.flatMap((metric) => metric?.labels ?? []);
  const used = [
    ...[...query.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
    ...[...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
  ];
  return [
    ...names.filter((_name, index) => found[index] === undefined),
    ...used.filter((label) => !labels.includes(label)),
    ...(names.length === 0 ? [`no metric in ${query}`] : []),
  ];
}

describe('config/grafana/diptych.json', () => {
  let dashboard: Dashboard;

  beforeAll(async () => {
    dashboard = JSON.parse(await readFile(packagePath('config/grafana/diptych.json'), 'utf8')) as Dashboard;
  });

  it('asks for metrics and labels that there are', () => {
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

    expect(queries.length).toBeGreaterThan(20);
    expect(queries.flatMap(unknownIn)).toEqual([]);
  });

  it('names its lines by labels that their metrics have', () => {
    const wrong = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr, legendFormat }) =>
        [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].flatMap(([, label = '']) =>
          unknownIn(`${expr} by (${label})`).map((name) => `${name} in ${legendFormat}`),
        ),
      ),
    );

    expect(wrong).toEqual([]);
  });

  it('is a dashboard that Grafana loads: panels side by side, each with a number and a type', () => {
    const { panels, templating, ...rest } = dashboard;
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );

    expect(rest).toMatchObject({ title: 'Diptych', uid: 'diptych', schemaVersion: 39 });
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ type }) => type))).toEqual(new Set(['stat', 'timeseries']));
    expect(new Set(cells).size, 'panels that lie over each other').toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'stream']);
  });
});

describe('config/prometheus/diptych.rules.yaml', () => {
  const file = packagePath('config/prometheus/diptych.rules.yaml');

  it('asks for metrics and labels that there are', async () => {
    const { groups } = parse(await readFile(file, 'utf8')) as Rules;
    const queries = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));

    expect(queries.length).toBeGreaterThan(4);
    expect(queries.flatMap(unknownIn)).toEqual([]);
  });

  it('passes promtool check rules', async ({ skip }) => {
    const promtool = await promtoolPath();
    if (promtool === undefined) skip('promtool could not be had: neither installed, nor from the Debian package');

    const { stdout } = await run(promtool ?? '', ['check', 'rules', file]);

    expect(stdout).toContain('SUCCESS');
  });
});

/** Where it is not installed, the one of the Debian package, which is only unpacked. */
async function promtoolPath(): Promise<string | undefined> {
  if (spawnSync('promtool', ['--version']).status === 0) return 'promtool';
  const folder = packagePath('dist/promtool');
  const path = join(folder, 'usr/bin/promtool');
  if (existsSync(path)) return path;
  try {
    await mkdir(folder, { recursive: true });
    await run('apt-get', ['download', 'prometheus'], { cwd: folder, timeout: 60_000 });
    const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
    await run('sh', ['-c', `dpkg-deb --fsys-tarfile '${archive}' | tar -x ./usr/bin/promtool`], { cwd: folder });
  } catch {
    return undefined;
  }
  return existsSync(path) ? path : undefined;
}
