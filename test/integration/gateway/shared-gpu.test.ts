import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseConfig } from '#src/shared/config/parse-config.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { softGpu } from '../gpu/soft-cuda.js';
import { makeClip } from '../stream/stages/ingest/clips.js';
import { buildTestViewer } from './fixture/test-gateway.js';

const WAIT = { timeout: 50_000, interval: 100 };
const IDS = ['a', 'b', 'c'];

let gateway: Gateway;
let viewer: Awaited<ReturnType<typeof buildTestViewer>>;

const statusOf = (id: string): StreamStatus => gateway.registry.get(id).status;

beforeAll(async () => {
  const { libcuda, libnvrtc } = softGpu();
  vi.stubEnv('DIPTYCH_LIBCUDA', libcuda);
  vi.stubEnv('DIPTYCH_LIBNVRTC', libnvrtc);
  vi.stubEnv('DIPTYCH_GPU_PROVIDER', 'cpu');
  viewer = await buildTestViewer();
  const url = await makeClip();
  const stream = (id: string): string =>
    JSON.stringify({
      id,
      source: { url },
      output: { width: 320, height: 180, fps: 5, bitrateKbps: 300 },
      detect: { maxFps: 1 },
      reid: { mode: 'off' },
    });
  const text = `
http: { port: 0 }
webrtc: { minPort: 43500, maxPort: 43900 }
log: { level: error }
gpu: { use: require }
streamsPerProcess: 3
streams: [${IDS.map(stream).join(', ')}]
`;
  gateway = await startGateway(parseConfig({ text, fileName: 'test' }), {
    logger: createLogger({ level: 'error', format: 'json' }),
    viewerDirectory: viewer.directory,
  });
  await vi.waitFor(() => {
    for (const id of IDS) expect(statusOf(id)).toMatchObject({ state: 'live', gpu: { state: 'used' } });
  }, WAIT);
});

afterAll(async () => {
  await gateway.close();
  await viewer.remove();
  vi.unstubAllEnvs();
});

it('is one for all streams of a process, and tells what they have on it together', async () => {
  const pids = new Set(IDS.map((id) => gateway.registry.get(id).pid));

  await vi.waitFor(() => {
    for (const id of IDS) expect(statusOf(id).memory?.gpuBytes).toBeGreaterThan(320 * 180 * 1.5);
  }, WAIT);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();

  expect(pids.size).toBe(1);
  expect(statusOf('a').memory).toMatchObject({ streamsInProcess: 3 });
  for (const id of IDS) expect(metrics).toContain(`diptych_process_gpu_memory_bytes{process="stream",stream="${id}"}`);
});

it('stays for those that go on when one stream ends', async () => {
  const { pid } = gateway.registry.get('a');
  await gateway.registry.remove('b');
  const { out } = statusOf('a').frames;

  await vi.waitFor(() => {
    expect(statusOf('a').frames.out).toBeGreaterThan(out + 5);
    expect(statusOf('a').memory?.streamsInProcess).toBe(2);
  }, WAIT);

  for (const id of ['a', 'c']) {
    expect(statusOf(id)).toMatchObject({ state: 'live', gpu: { state: 'used' } });
    expect(gateway.registry.get(id)).toMatchObject({ pid, restarts: 0 });
  }
});
