import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startGateway, type Gateway } from '#src/gateway/gateway.js';
import { readResidentBytes } from '#src/gateway/metrics/resident-bytes.adapter.js';
import { ProcessRecycler } from '#src/gateway/streams/process-recycler.adapter.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import type { RecordingSegment } from '#src/shared/domain/recording.js';
import { createLogger } from '#src/shared/telemetry/logger.js';
import { buildTestViewer } from '../integration/gateway/fixture/test-gateway.js';

const run = promisify(execFile);
const PATIENCE = { timeout: 90_000, interval: 200 };
const HOUR_MS = 3_600_000;
/** A group of pictures, and the time of the change on a machine that is busy. */
const MAX_GAP_S = 6;

let folder: string;
let gateway: Gateway;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-hand-over-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const viewer = await buildTestViewer();
  endings.push(() => viewer.remove());
  const output = '{ width: 320, height: 180, fps: 15, bitrateKbps: 300, gopS: 1 }';
  const config = `
http: { port: 0 }
webrtc: { minPort: 45200, maxPort: 45399 }
recordings: { folder: ${folder} }
streams: [{ id: main, source: { url: "test:" }, record: { enabled: true }, output: ${output} }]
`;
  gateway = await startGateway(parseConfig({ text: config, fileName: 'test' }), {
    logger: createLogger({ level: 'error', format: 'json' }),
    viewerDirectory: viewer.directory,
  });
  endings.push(() => gateway.close());
});

afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

/** Oldest first. */
async function segments(): Promise<readonly RecordingSegment[]> {
  const response = await fetch(`${gateway.url}/api/v1/streams/main/recordings`);
  return ((await response.json()) as RecordingSegment[]).reverse();
}

const startS = ({ startedAt }: RecordingSegment): number => Date.parse(startedAt) / 1000;

it('a stream that goes over to another process while it is recorded is in two segments, one after the other', async () => {
  const main = gateway.registry.get('main');
  await vi.waitFor(async () => expect((await segments())[0]?.durationS).toBeGreaterThan(3), PATIENCE);
  const { pid = 0 } = main;
  const memoryBytes = (await readResidentBytes(pid)) ?? 0;
  let nowMs = 0;
  const recycler = new ProcessRecycler({
    ...{ limitBytes: memoryBytes * 0.7, streams: () => gateway.registry.list(), viewersOf: () => 0 },
    ...{ readMemory: readResidentBytes, logger: createLogger({ level: 'error' }), nowMs: () => nowMs, intervalS: 3600 },
  });

  await recycler.check();
  nowMs = HOUR_MS / 4;
  await recycler.check();
  await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), PATIENCE);
  await vi.waitFor(async () => expect((await segments())[1]?.durationS).toBeGreaterThan(2), PATIENCE);
  recycler.close();
  const [first, second, ...more] = await segments();

  expect(more).toEqual([]);
  expect([first?.state, second?.state]).toEqual(['whole', 'writing']);
  const gapS = startS(second!) - (startS(first!) + first!.durationS);
  expect(gapS).toBeGreaterThan(-0.1);
  expect(gapS).toBeLessThan(MAX_GAP_S);
  for (const { name } of [first!, second!]) {
    const path = join(folder, 'main', name);
    const { stderr } = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']);
    expect(stderr, name).toBe('');
  }
});
