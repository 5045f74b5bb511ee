import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Gateway } from '#src/gateway/gateway.js';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

const PATIENCE = { timeout: 40_000, interval: 200 };
const HOUR_MS = 3_600_000;

let root: string;
let gateway: Gateway;
const endings: (() => Promise<unknown>)[] = [];

const nameAt = (ms: number): string => new Date(ms).toISOString().replaceAll(':', '-');

/** Segments of 2 MB that ended some hours ago. */
async function record(stream: string, ...hoursAgo: readonly number[]): Promise<readonly string[]> {
  await mkdir(join(root, stream), { recursive: true });
  const names = hoursAgo.map((hours) => nameAt(Date.now() - hours * HOUR_MS));
  for (const name of names) {
    const journal = { version: 1, durationS: 10, isComplete: true, shown: [], events: [] };
    await writeFile(join(root, stream, `${name}.json`), JSON.stringify(journal));
    await writeFile(join(root, stream, `${name}.mp4`), Buffer.alloc(2_000_000));
  }
  return names.map((name) => `${name}.mp4`);
}

const api = async (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${gateway.url}/api/v1${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

const add = (id: string, limits: object): Promise<Response> =>
  api('POST', '/streams', { id, source: { url: 'test:' }, record: { enabled: false, ...limits } });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'diptych-removed-'));
  endings.push(() => rm(root, { recursive: true, force: true }));
  const viewer = await buildTestViewer();
  endings.push(() => viewer.remove());
  gateway = await startTestGateway(viewer.directory, '[]', 0, '', `recordings: { folder: ${root} }`);
  endings.push(() => gateway.close());
});

afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

it('recordings of a stream that was removed are listed, handed out, kept within its limits, and deleted', async () => {
  await record('gone', 1);
  await add('gone', { maxGb: 0.01, maxAgeH: 5 });
  await vi.waitFor(async () => expect(await readdir(join(root, 'gone'))).toContain('limits.json'), PATIENCE);
  await api('DELETE', '/streams/gone');
  // Too old, and too much, since then.
  const [young = '', middle = ''] = await record('gone', 2, 3, 3.5, 4, 4.5, 6);

  await vi.waitFor(async () => expect((await readdir(join(root, 'gone'))).length).toBeLessThanOrEqual(11), PATIENCE);
  const names = (await (await api('GET', '/recordings')).json()) as object[];
  const list = (await (await api('GET', '/streams/gone/recordings')).json()) as { name: string }[];
  const file = await api('GET', `/streams/gone/recordings/${young}`);
  const deleted = await api('DELETE', `/streams/gone/recordings/${middle}`);

  expect(names).toMatchObject([{ stream: 'gone', isRemoved: true, segments: 5, bytes: 10_000_000 }]);
  expect(list.map(({ name }) => name)).toContain(young);
  expect([file.status, deleted.status]).toEqual([200, 204]);
  expect((await readdir(join(root, 'gone'))).includes(middle)).toBe(false);
});

it('the folder of a removed stream goes with its last recording', async () => {
  await record('short', 0.001);
  await add('short', { maxAgeH: 0.01 });
  await vi.waitFor(async () => expect(await readdir(join(root, 'short'))).toContain('limits.json'), PATIENCE);
  await api('DELETE', '/streams/short');
  await rm(join(root, 'short'), { recursive: true });
  await mkdir(join(root, 'short'));
  await record('short', 1);
  await writeFile(join(root, 'short', 'limits.json'), '{"maxGb":1,"maxAgeH":0.01}');

  await vi.waitFor(async () => expect(await readdir(root)).not.toContain('short'), PATIENCE);
});

it('nothing is deleted where no limits are known, and nothing that is none of ours is shown', async () => {
  const [old = ''] = await record('unknown', 10_000);
  await mkdir(join(root, 'holiday'));
  await writeFile(join(root, 'holiday', 'beach.mp4'), 'beach');
  await writeFile(join(root, 'unknown', 'limits.json'), '{"maxGb": "all"}');

  const names = (await (await api('GET', '/recordings')).json()) as { stream: string }[];

  expect(names.map(({ stream }) => stream)).toContain('unknown');
  expect(names.map(({ stream }) => stream)).not.toContain('holiday');
  expect((await api('GET', '/streams/holiday/recordings')).status).toBe(404);
  expect((await api('GET', '/streams/..%2fholiday/recordings')).status).toBe(404);
  expect(await readdir(join(root, 'unknown'))).toContain(old);
});
