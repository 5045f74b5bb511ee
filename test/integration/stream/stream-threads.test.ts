import { readdir } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';
import type { ProcessReport } from '#src/shared/ipc/messages.js';
import { StreamThreads } from '#src/stream/stream-threads.adapter.js';

const WAIT = { timeout: 20_000, interval: 50 };
const LATER_MS = 10_000;
/** No thread with what streams need takes less. */
const ONE_THREAD_BYTES = 1e6;

function threadsOf(streamsPerThread: number) {
  const reports: ProcessReport[] = [];
  const onReport = (report: ProcessReport): void => void reports.push(report);
  return { reports, threads: new StreamThreads({ streamsPerThread, onReport, onOver: () => undefined }) };
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
