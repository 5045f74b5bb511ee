import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHardware, writeCapacity } from '#src/shared/capacity/capacity-file.adapter.js';
import { estimatedUnits } from '#src/shared/capacity/estimated-units.js';
import { packageVersion } from '#src/shared/package-version.adapter.js';
import type { ClusterStatus } from '#src/gateway/cluster/cluster-status.js';
import { startEtcd, type EtcdServers } from '../etcd-servers.js';
import { clusterCommand, startClusterGateway, type ClusterGateway } from './cluster-hosts.js';
import { SMALL_STREAM } from './running-gateway.js';

const LIMIT_MS = 60_000;
const ESTIMATE = estimatedUnits(SMALL_STREAM);
/** A machine on which 4 units are this share of the processor: a small stream takes more than it is estimated to. */
const SMALL_SHARE = 0.02;

let etcd: EtcdServers;
let folder: string;
let hosts: readonly ClusterGateway[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  folder = await mkdtemp(join(tmpdir(), 'diptych-units-'));
  await writeCapacity(folder, {
    ...{ format: 1, measuredAt: '2026-01-01T00:00:00.000Z', version: packageVersion(), hardware: await readHardware() },
    ...{ stream: { width: 1920, height: 1080, fps: 30 }, streams: 4, units: 4, limit: 'all processor cores are busy' },
    use: { cpu: SMALL_SHARE, memory: 0.01 },
  });
  hosts = await Promise.all([
    startClusterGateway('left', etcd.endpoints, {}, { state: { folder } }),
    startClusterGateway('right', etcd.endpoints, { units: 0.9 }),
  ]);
}, 120_000);

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await etcd.stop();
  await rm(folder, { recursive: true, force: true });
});

const statusAt = async ({ url }: ClusterGateway): Promise<ClusterStatus> =>
  (await (await fetch(`${url}/api/v1/cluster`)).json()) as ClusterStatus;
const hostAt = async (asked: ClusterGateway, id: string) =>
  (await statusAt(asked)).hosts.find((host) => host.id === id);
const streamAt = async (asked: ClusterGateway, id: string) =>
  (await statusAt(asked)).streams.find((stream) => stream.id === id);
const add = ({ url }: ClusterGateway, id: string, more: object = {}): Promise<Response> =>
  fetch(`${url}/api/v1/streams`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, redirect: 'manual' },
    body: JSON.stringify({ id, ...SMALL_STREAM, ...more }),
  });

it('a host that is full by what was measured is given no other stream, though its units would allow many', async () => {
  const [left, right] = hosts;
  if (!left || !right) throw new Error('there are no hosts');
  await expect.poll(async () => (await statusAt(right)).hosts.length, { timeout: LIMIT_MS }).toBe(2);
  expect(left.lines().join('\n')).toMatch(/takes 4 units: measured at 2026-01-01: all processor cores are busy/);
  expect(right.lines().join('\n')).toMatch(/takes 0\.9 units: cluster\.units says so/);

  // Both by what their output suggests, because nobody knows more yet.
  const startMs = performance.now();
  for (const id of ['hall', 'door']) expect((await add(left, id)).status).toBe(201);
  await expect.poll(() => hostAt(right, 'left')).toMatchObject({ used: 2 * ESTIMATE, reserved: 2 * ESTIMATE });
  expect(await streamAt(right, 'hall')).toMatchObject({ host: 'left', units: ESTIMATE, isMeasured: false });

  await expect
    .poll(async () => (await streamAt(right, 'hall'))?.isMeasured, { timeout: LIMIT_MS, interval: 200 })
    .toBe(true);
  const measuredMs = performance.now() - startMs;
  await expect.poll(async () => (await hostAt(right, 'left'))?.reserved, { timeout: LIMIT_MS }).toBe(0);
  const { used = 0, units } = (await hostAt(right, 'left')) ?? {};
  console.log(
    `measured after ${Math.round(measuredMs / 100) / 10} s: ${used} of ${units ?? 0} units used by two streams`,
  );
  expect(measuredMs).toBeGreaterThan(15_000);
  expect(used).toBeGreaterThan(4);

  // One that is added at the full host goes to the other one, and so does one that is imported.
  const sent = await add(left, 'yard');
  expect([sent.status, sent.headers.get('location')]).toEqual([307, `${right.url}/api/v1/streams`]);
  const file = join(folder, 'more.yaml');
  await writeFile(file, JSON.stringify({ streams: [{ id: 'roof', ...SMALL_STREAM }] }));
  const [, , , ...told] = [...(await clusterCommand(left, 'import', file)).split('\n')];
  expect(told.join('')).toBe('');
  await expect.poll(async () => (await streamAt(right, 'roof'))?.host, { timeout: LIMIT_MS }).toBe('right');

  // Where nobody has room, the reason is told in units; both still have what they had.
  const refused = await add(left, 'gate', { output: { width: 1920, height: 1080 } });
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain('it needs 1 unit (estimated), and none of 2 hosts has more than');
  const text = await clusterCommand(right, 'status');
  expect(text).toMatch(/left {2}\S+ {2}[\d.]+ of 4 units {2}/);
  expect(text).toMatch(/hall {2}[\d.]+ units? measured {2}left/);
  expect(text).toMatch(/roof {2}[\d.]+ units? (estimated|measured) {2}right/);
  const metrics = await (await fetch(`${left.url}/metrics`)).text();
  expect(metrics).toMatch(/^diptych_capacity_units 4$/m);
  expect(metrics).toMatch(/^diptych_stream_units\{stream="hall"\} [\d.]+$/m);
}, 180_000);

it('what was measured counts for the next host, reserved there until that has measured it itself', async () => {
  const [left, right] = hosts;
  if (!left || !right) throw new Error('there are no hosts');
  const before = await streamAt(right, 'hall');
  await fetch(`${right.url}/api/v1/streams/roof`, { method: 'DELETE' });

  await left.kill();

  const owners = async (): Promise<readonly (string | undefined)[]> =>
    (await statusAt(right)).streams.map(({ host }) => host);
  // An empty host takes one that is too large for it, and then no other.
  await expect.poll(owners, { timeout: LIMIT_MS }).toContain('right');
  const { streams, hosts: there } = await statusAt(right);
  const taken = streams.find(({ host }) => host === 'right');
  const other = streams.find(({ host }) => host === undefined);
  expect(there).toMatchObject([{ id: 'right', reserved: taken?.units }]);
  expect(taken).toMatchObject({ isMeasured: true });
  expect(streams.find(({ id }) => id === 'hall')?.units).toBe(before?.units);
  expect(other?.pending).toMatch(
    /^no room: it needs [\d.]+ units? \(measured\), and none of 1 hosts has more than 0 free/,
  );
}, 120_000);
