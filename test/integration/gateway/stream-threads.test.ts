import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { softEnvironment } from '../gpu/soft-environment.js';
import { makeClip } from '../stream/stages/ingest/clips.js';
import { buildTestViewer } from './fixture/test-gateway.js';

const WAIT = { timeout: 60_000, interval: 100 };
const ON_FIRST_THREAD = 'a';
const IDS = [ON_FIRST_THREAD, 'b', 'c'];

let gateway: Gateway;
let viewer: Awaited<ReturnType<typeof buildTestViewer>>;

const statusOf = (id: string): StreamStatus => gateway.registry.get(id).status;

/** As JSON or, of a picture, its first bytes. */
async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${gateway.url}/api/v1/streams/${path}`, {
    ...(body && { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  expect(answer.status).toBeLessThan(300);
  const content = Buffer.from(await answer.arrayBuffer());
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(content.toString()) : content;
}

beforeAll(async () => {
  for (const [name, value] of Object.entries(softEnvironment())) vi.stubEnv(name, value);
  vi.stubEnv('DIPTYCH_STREAMS_PER_THREAD', '1');
  viewer = await buildTestViewer();
  const url = await makeClip();
  const stream = (id: string): string =>
    JSON.stringify({
      ...{ id, source: { url }, output: { width: 320, height: 180, fps: 5, bitrateKbps: 300 } },
      ...{ detect: { maxFps: 1 }, reid: { mode: 'off' } },
    });
  const text = `
http: { port: 0 }
webrtc: { minPort: 43500, maxPort: 43900 }
log: { level: error }
gpu: { use: require }
spareProcess: false
streamsPerProcess: 3
streams: [${IDS.map(stream).join(', ')}]
`;
  gateway = await startGateway(parseConfig({ text, fileName: 'test' }), {
    logger: createLogger({ level: 'error', format: 'json' }),
    viewerDirectory: viewer.directory,
  });
  await areLive();
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
  vi.unstubAllEnvs();
});

/** All show pictures. */
async function areLive(): Promise<void> {
  await vi.waitFor(() => {
    for (const id of IDS) expect(statusOf(id)).toMatchObject({ state: 'live', gpu: { state: 'used' } });
  }, WAIT);
}

it('are of one process, and each tells what the process takes', async () => {
  const pids = new Set(IDS.map((id) => gateway.registry.get(id).pid));

  expect(pids.size).toBe(1);
  await vi.waitFor(() => {
    for (const id of IDS) expect(statusOf(id).memory).toMatchObject({ streamsInProcess: 3 });
  }, WAIT);
});

it('count what crosses the bus for the frames of all of them', async () => {
  await vi.waitFor(() => {
    for (const id of IDS) expect(statusOf(id).gpu?.bytesPerFrame?.toHost).toBeGreaterThan(0);
  }, WAIT);

  const [first, ...others] = IDS.map((id) => statusOf(id).gpu?.bytesPerFrame?.toHost ?? 0);
  for (const other of others) expect(other).toBeLessThan(2 * (first ?? 0));
});

it.each(IDS)('answer on any thread: a snapshot of %s, and a change that it follows', async (id) => {
  const jpeg = (await ask(`${id}/snapshot.jpg`)) as Buffer;
  await ask(id, { detect: { scoreThreshold: 0.6 } });

  expect([...jpeg.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  await vi.waitFor(() => expect(gateway.registry.get(id).config.detect.scoreThreshold).toBe(0.6), WAIT);
});

it('go on when one of another thread ends, whose thread takes the next one', async () => {
  const { pid } = gateway.registry.get(ON_FIRST_THREAD);
  const config = gateway.registry.get('b').config;
  await gateway.registry.remove('b');
  const { out } = statusOf('c').frames;
  await vi.waitFor(() => expect(statusOf('c').frames.out).toBeGreaterThan(out + 5), WAIT);
  gateway.registry.add(config);

  await areLive();
  expect(gateway.registry.get('b').pid).toBe(pid);
});

it('come back in another process when theirs is killed', async () => {
  const { pid } = gateway.registry.get('c');
  process.kill(pid!, 'SIGKILL');

  await vi.waitFor(() => {
    for (const id of IDS) expect(gateway.registry.get(id).pid).not.toBe(pid);
  }, WAIT);
  await areLive();
});
