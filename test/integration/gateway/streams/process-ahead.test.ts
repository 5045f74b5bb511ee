import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { startGateway } from '#src/gateway/gateway.js';
import { startProcessAhead } from '#src/gateway/streams/process-ahead.adapter.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { sendSignal } from '../../../send-signal.js';

const WAIT = { timeout: 30_000, interval: 50 };
const STREAM = '{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 5, bitrateKbps: 300 } }';
const configOf = (text: string) => parseConfig({ text: `http: { port: 0 }\n${text}`, fileName: 'test' });
const logger = createLogger({ level: 'error', format: 'json' });
const isGone = (pid: number | undefined) =>
  vi.waitFor(() => expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH'), WAIT);

it('is started where a stream will need it', () => {
  const key = '0'.repeat(64);

  expect(startProcessAhead(configOf('streams: []'))).toBeUndefined();
  expect(
    startProcessAhead(
      configOf(`
streams: [${STREAM}]
cluster: { host: a, url: "http://127.0.0.1:8080", etcd: { endpoints: ["http://127.0.0.1:2379"] }, key: "${key}" }
`),
    ),
  ).toBeUndefined();
});

it('opens networks at once, and ends where no stream takes it', async () => {
  const ahead = startProcessAhead(configOf(`gpu: { use: off }\nstreams: [${STREAM}]`));
  const { pid } = ahead ?? {};
  await vi.waitFor(() => expect(readFileSync(`/proc/${pid ?? 0}/maps`, 'utf8')).toContain('onnxruntime'), WAIT);

  ahead?.close();

  expect(ahead?.pid).toBeUndefined();
  expect(ahead?.take()).toBeUndefined();
  await isGone(pid);
});

it('is the process of the first stream', async () => {
  const config = configOf(`spareProcess: false\nstreams: [${STREAM}]`);
  const ahead = startProcessAhead(config);
  const { pid } = ahead ?? {};
  const gateway = await startGateway(config, { logger, ahead });
  try {
    await vi.waitFor(() => expect(gateway.registry.get('main').status.state).toBe('live'), WAIT);

    expect(gateway.registry.get('main').pid).toBe(pid);
    expect(ahead?.take()).toBeUndefined();
  } finally {
    await gateway.close();
  }
  await isGone(pid);
});

it('is not waited for where it has died', async () => {
  const config = configOf(`spareProcess: false\nstreams: [${STREAM}]`);
  const ahead = startProcessAhead(config);
  const pid = ahead?.pid ?? 0;
  sendSignal(pid, 'SIGKILL');
  await vi.waitFor(() => expect(ahead?.pid).toBeUndefined(), WAIT);

  const gateway = await startGateway(config, { logger, ahead });
  try {
    await vi.waitFor(() => expect(gateway.registry.get('main').status.state).toBe('live'), WAIT);

    expect(gateway.registry.get('main').restarts).toBe(0);
  } finally {
    await gateway.close();
  }
});

it.each([0, 20, 40, 60, 90, 120])(
  'exits as it should when its streams are to be on threads and it opens networks since %d ms',
  async (afterMs) => {
    const config = configOf(`gpu: { use: off }\nstreamsPerProcess: 20\nstreams: [${STREAM}]`);
    const child = startProcessAhead(config)?.take();
    const exited = once(child!, 'exit');
    const maps = `/proc/${child?.pid ?? 0}/maps`;
    await vi.waitFor(() => expect(readFileSync(maps, 'utf8')).toContain('onnxruntime'), { ...WAIT, interval: 5 });
    await delay(afterMs);

    child?.disconnect();

    expect(await exited).toEqual([0, null]);
  },
);
