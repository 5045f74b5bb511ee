import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { ProcessReport, StreamCommand } from '#src/shared/ipc/messages.js';
import { StreamThreads } from '#src/stream/stream-threads.adapter.js';

const WAIT = { timeout: 20_000, interval: 50 };
const LATER_MS = 10_000;
const ROUNDS = 10;
/** No thread with what streams need takes less. */
const ONE_THREAD_BYTES = 1e6;

/** Those of this process that live. */
const workers = new Set<Worker>();

function onWorker(worker: Worker): void {
  workers.add(worker);
  worker.once('exit', () => workers.delete(worker));
}

beforeEach(() => {
  workers.clear();
  process.on('worker', onWorker);
});

afterEach(() => {
  process.off('worker', onWorker);
});

function threadsOf(streamsPerThread: number, idleMs?: number) {
  const reports: ProcessReport[] = [];
  const onReport = (report: ProcessReport): void => void reports.push(report);
  const logger = { error: () => undefined };
  const given = {
    streamsPerThread,
    onReport,
    onOver: () => undefined,
    logger,
    ...(idleMs !== undefined && { idleMs }),
  };
  return { reports, threads: new StreamThreads(given) };
}

/** Starts a stream of its own scene; what it sends goes nowhere. */
function startOf(id: string): StreamCommand {
  const config = streamSchema.parse({
    ...{ id, source: { url: 'test:' }, output: { width: 320, height: 180, fps: 5, bitrateKbps: 300 } },
    reid: { mode: 'off' },
  });
  const { gpu } = gatewaySchema.parse({ gpu: { use: 'off' } });
  const nowhere = { host: '127.0.0.1', rtpPort: 9, rtcpPort: 10, payloadType: 96, firstSequence: 0 };
  return {
    ...{ type: 'start', gpu, video: { ...nowhere, ssrc: 1 }, audio: { ...nowhere, ssrc: 2 } },
    wanted: { revision: 1, config, targets: [], slots: { isLocked: false, actions: [] } },
  };
}

it('is stuck when one of its threads says nothing, once that has opened what it needs', async () => {
  const { threads } = threadsOf(1);

  threads.onCommand('main', { type: 'snapshot', requestId: 1 });

  expect(threads.isStuck(performance.now() + LATER_MS)).toBe(false);
  await vi.waitFor(() => expect(threads.isOpening).toBe(false), WAIT);
  expect(threads.isStuck()).toBe(false);
  expect(threads.isStuck(performance.now() + LATER_MS)).toBe(true);
});

it('passes on what its threads say of streams, and keeps their heartbeats', async () => {
  const { threads, reports } = threadsOf(1);

  threads.onCommand('gone', { type: 'snapshot', requestId: 7 });

  await vi.waitFor(() => expect(reports).toHaveLength(1), WAIT);
  expect(reports[0]).toMatchObject({ type: 'snapshot', streamId: 'gone', requestId: 7 });
  await vi.waitFor(() => expect(threads.isOpening).toBe(false), WAIT);
  expect(reports).toHaveLength(1);
});

it('tells what objects of JavaScript take on its threads', async () => {
  const { threads } = threadsOf(1);

  threads.onCommand('a', { type: 'snapshot', requestId: 1 });
  await vi.waitFor(() => expect(threads.scriptBytes).toBeGreaterThan(ONE_THREAD_BYTES), WAIT);
});

it('opens what a stream needs on the thread that will have it, and gives it back', async () => {
  const { threads } = threadsOf(1);
  const config = streamSchema.parse({ id: 'main', source: { url: 'test:' }, reid: { mode: 'off' } });
  const { gpu } = gatewaySchema.parse({ gpu: { use: 'off' } });
  const hasThreads = (): Promise<number> => readdir('/proc/self/task').then(({ length }) => length);

  await threads.prepare({ config, gpu });
  const prepared = await hasThreads();
  await threads.giveBack();

  // That of the network.
  await vi.waitFor(async () => expect(await hasThreads()).toBeLessThan(prepared), WAIT);
});

it('ends a thread without streams where another one has room, and keeps one', async () => {
  const { threads, reports } = threadsOf(1, 50);
  const count = (type: string): number => reports.filter((report) => report.type === type).length;
  const ids = ['a', 'b', 'c'];
  for (const id of ids) threads.onCommand(id, startOf(id));
  await vi.waitFor(() => expect(count('ready')).toBe(ids.length), WAIT);
  // Those that find people included.
  expect(workers.size).toBe(2 * ids.length);

  for (const id of ids) threads.onCommand(id, { type: 'stop' });

  await vi.waitFor(() => expect(workers.size).toBe(1), WAIT);
  const kept = [...workers];
  expect(count('stopped')).toBe(ids.length);
  threads.onCommand('a', startOf('a'));
  await vi.waitFor(() => expect(count('ready')).toBe(ids.length + 1), WAIT);
  expect([...workers]).toEqual([...kept, expect.anything()]);
  threads.onCommand('a', { type: 'stop' });
  await vi.waitFor(() => expect(threads.size).toBe(0), WAIT);
});

it('loses no stream that is started while threads end', async () => {
  const { threads, reports } = threadsOf(1, 1);
  const ids = ['a', 'b', 'c'];
  const stopped = (id: string): ProcessReport[] =>
    reports.filter((report) => report.type === 'stopped' && report.streamId === id);

  for (let round = 1; round <= ROUNDS; round++) {
    for (const id of ids) threads.onCommand(id, startOf(id));
    for (const id of ids) threads.onCommand(id, { type: 'stop' });
    await vi.waitFor(() => {
      for (const id of ids) expect(stopped(id)).toHaveLength(round);
    }, WAIT);
    // At another moment of their ends each time.
    await delay((round % 5) * 10);
  }

  for (const report of ids.flatMap(stopped)) expect(report).not.toHaveProperty('error');
  await vi.waitFor(() => expect(workers.size).toBe(1), WAIT);
});
