import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import type { GatewayConfig } from '#src/shared/config/schema.js';
import { startProcessAhead, type ProcessAhead } from '#src/gateway/streams/process-ahead.adapter.js';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { softGpu } from '../gpu/soft-cuda.js';
import { makeClip } from '../stream/stages/ingest/clips.js';

const WAIT = { timeout: 50_000, interval: 100 };
const IDS = ['a', 'b', 'c', 'd'];
const UUIDS = ['GPU-00000000-1111', 'GPU-00000001-1111'];

let folder: string;

beforeAll(() => {
  // Two GPUs, as nvidia-smi would list them; what the processes do with theirs, they do on the stand-in.
  folder = mkdtempSync(join(tmpdir(), 'gpus-'));
  const list = UUIDS.map((uuid, index) => `echo '${index}, ${uuid}'`).join('\n');
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${list}\n`);
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  vi.stubEnv('PATH', [folder, process.env['PATH'] ?? ''].join(delimiter));
  const { libcuda, libnvrtc } = softGpu();
  vi.stubEnv('DIPTYCH_LIBCUDA', libcuda);
  vi.stubEnv('DIPTYCH_LIBNVRTC', libnvrtc);
  vi.stubEnv('DIPTYCH_GPU_PROVIDER', 'cpu');
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function configWith(gpu: string, url: string): GatewayConfig {
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
log: { level: error }
gpu: ${gpu}
spareProcess: false
streams: [${IDS.map(stream).join(', ')}]
`;
  return parseConfig({ text, fileName: 'test' });
}

const startWith = (gpu: string, url: string, ahead?: ProcessAhead): Promise<Gateway> =>
  startGateway(configWith(gpu, url), { logger: createLogger({ level: 'error', format: 'json' }), ahead });

it('spreads streams over all GPUs, each process seeing its own only, and says which', async () => {
  const gateway = await startWith('{ use: require }', await makeClip());
  try {
    const { registry } = gateway;
    await vi.waitFor(() => {
      for (const id of IDS) expect(registry.get(id).status).toMatchObject({ state: 'live', gpu: { state: 'used' } });
    }, WAIT);

    const indexOf = (id: string): number | undefined => registry.get(id).status.gpu?.index;
    expect(IDS.map(indexOf).sort()).toEqual([0, 0, 1, 1]);
    for (const id of IDS) {
      const environment = readFileSync(`/proc/${registry.get(id).pid ?? 0}/environ`, 'utf8').split('\0');
      expect(environment).toContain(`CUDA_VISIBLE_DEVICES=${UUIDS[indexOf(id) ?? 9]}`);
    }

    // One that is added goes where there is room.
    await registry.remove(IDS.find((id) => indexOf(id) === 1) ?? '');
    registry.add({ ...registry.list()[0]!.config, id: 'e' });
    await vi.waitFor(() => expect(registry.get('e').status.gpu?.index).toBe(1), WAIT);
  } finally {
    await gateway.close();
  }
});

it('gives its GPU to a process that was started before the gateway knew of any', async () => {
  const url = await makeClip();
  const ahead = startProcessAhead(configWith('{ devices: [1] }', url));
  const { pid } = ahead ?? {};
  const gateway = await startWith('{ devices: [1] }', url, ahead);
  try {
    const { registry } = gateway;
    await vi.waitFor(() => {
      for (const id of IDS) expect(registry.get(id).status).toMatchObject({ state: 'live', gpu: { index: 1 } });
    }, WAIT);

    expect(pid).toBeDefined();
    expect(IDS.map((id) => registry.get(id).pid)).toContain(pid);
  } finally {
    await gateway.close();
  }
});

it('has such a process open what it needs on its GPU at once', async () => {
  const ahead = startProcessAhead(configWith('{ use: require }', await makeClip()));

  await vi.waitFor(() => expect(readFileSync(`/proc/${ahead?.pid ?? 0}/maps`, 'utf8')).toContain('softcuda'), WAIT);

  ahead?.close();
});

it('refuses to start where a GPU is asked for that there is not', async () => {
  await expect(startWith('{ devices: [0, 5] }', 'test:')).rejects.toThrow(
    'gpu.devices: there is no GPU 5 here; nvidia-smi lists 0, 1',
  );
});
