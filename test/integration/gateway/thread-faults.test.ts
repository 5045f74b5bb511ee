import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from './fixture/test-gateway.js';

const WAIT = { timeout: 20_000, interval: 50 };
const IDS = ['a', 'b', 'c'];
const FAULTS = [
  ['throw', 'nobody catches this'],
  ['reject', 'nobody waits for this'],
  ['exit', 'exit 0'],
  ['memory', 'memory'],
] as const;

let gateway: Gateway;
let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let folder: string;

const managed = (id: string) => gateway.registry.get(id);

const areLive = (): Promise<void> =>
  vi.waitFor(() => {
    for (const id of IDS) expect(managed(id).status.state).toBe('live');
  }, WAIT);

/** Threads of the process with all streams, those of GStreamer included. */
const taskCount = (): Promise<number> => readdir(`/proc/${managed('a').pid}/task`).then(({ length }) => length);

/** Numbers of the threads with streams that there were so far, the newest last. */
async function threadNumbers(): Promise<number[]> {
  const begin = `${managed('a').pid}-`;
  const names = (await readdir(folder)).filter((name) => name.startsWith(begin) && name.endsWith('.there'));
  return names.map((name) => Number(name.slice(begin.length).split('.')[0])).sort((a, b) => a - b);
}

/** What the gateway has written. */
let log = '';
const destination = new Writable({
  write: (text, _encoding, done) => {
    log += String(text);
    done();
  },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thread-faults-'));
  vi.stubEnv('DIPTYCH_TEST_FAULTS', folder);
  vi.stubEnv('NODE_OPTIONS', `--require=${fileURLToPath(new URL('./fixture/thread-fault.cjs', import.meta.url))}`);
  vi.stubEnv('DIPTYCH_STREAMS_PER_THREAD', '1');
  viewer = await buildTestViewer();
  const stream = (id: string): string =>
    `{ id: ${id}, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15, bitrateKbps: 300 } }`;
  const text = `
http: { port: 0 }
webrtc: { minPort: 45300, maxPort: 45600 }
gpu: { use: off }
spareProcess: false
streamsPerProcess: 3
streams: [${IDS.map(stream).join(', ')}]
`;
  gateway = await startGateway(parseConfig({ text, fileName: 'test' }), {
    logger: createLogger({ level: 'error', format: 'json', destination }),
    viewerDirectory: viewer.directory,
  });
  await areLive();
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
  await rm(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

it.each(FAULTS)(
  'brings back the streams of a thread that ends by "%s", and the others go on',
  async (fault, reason) => {
    const before = IDS.map((id) => ({ id, pid: managed(id).pid, restarts: managed(id).restarts }));
    const told = log.length;
    const tasks = await taskCount();
    const number = (await threadNumbers()).at(-1)!;
    const file = join(folder, `${managed('a').pid}-${number}`);
    await writeFile(file, fault);
    await vi.waitFor(() => expect(existsSync(file)).toBe(false), WAIT);
    await vi.waitFor(() => {
      const restarted = before.filter(({ id, restarts }) => managed(id).restarts > restarts);
      expect(restarted).toHaveLength(1);
    }, WAIT);
    await areLive();

    const restarts = before.map(({ id, restarts }) => managed(id).restarts - restarts);
    expect(before.map(({ id }) => managed(id).pid)).toEqual(before.map(({ pid }) => pid));
    expect(restarts.sort()).toEqual([0, 0, 1]);
    expect(log.slice(told)).toMatch(new RegExp(`DIPTYCH_E_PROCESS.*the thread of the stream ended: .*${reason}`));
    // No graph of the thread that ended runs on.
    await vi.waitFor(async () => expect(await taskCount()).toBeLessThanOrEqual(tasks), WAIT);
    const shown = before.map(({ id }) => ({ id, out: managed(id).status.frames.out }));
    await vi.waitFor(() => {
      for (const { id, out } of shown) expect(managed(id).status.frames.out).toBeGreaterThan(out);
    }, WAIT);
  },
);
