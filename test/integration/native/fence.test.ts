import { closeSync, openSync, writeSync } from 'node:fs';
import { afterAll, afterEach, expect, it } from 'vitest';
import { FenceFile } from '#src/gateway/cluster/fence-file.adapter.js';
import { loadTestAddon } from './test-addon.js';
import { build, closeGraphs, nextMessage, until } from './test-graphs.js';

const addon = loadTestAddon();
const fence = FenceFile.create();
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const PICTURES =
  'videotestsrc is-live=true ! video/x-raw,format=NV12,width=64,height=48,framerate=100/1 ! diptychsink name=s graph={graph}';

afterEach(closeGraphs);
afterAll(() => fence.remove());

it('is closed until somebody opens it, and passes by itself', async () => {
  addon.openFence(fence.path);
  const atFirst = addon.isFencePast();

  fence.write(nowMs() + 300);
  const opened = addon.isFencePast();
  await until(() => addon.isFencePast());
  fence.write(Infinity);

  expect([atFirst, opened, addon.isFencePast()]).toEqual([true, false, false]);
  expect(() => addon.openFence('/tmp/another')).toThrow('there is a fence already');
});

it.each(['file', 'connection'] as const)('ends a %s at the deadline, also while JavaScript is busy', async (output) => {
  addon.openFence(fence.path);
  fence.write(Infinity);
  const graph = await build(PICTURES);
  addon.fenceOutput(graph.id, 's', 'sink', output);
  const failed = nextMessage(graph, 'error');
  graph.play();
  await until(() => addon.sinkStats(graph.id, 's').received > 5);

  fence.write(nowMs() + 200);
  const deadlineMs = addon.nowMs() + 200;
  const busyUntilMs = nowMs() + 800;
  while (nowMs() < busyUntilMs);

  const { lastArrivedMs = 0 } = addon.sinkStats(graph.id, 's');
  expect(lastArrivedMs).toBeLessThan(deadlineMs + 20);
  expect(lastArrivedMs).toBeGreaterThan(deadlineMs - 190);
  expect(await failed).toMatchObject({ text: expect.stringContaining('fenced') as unknown });
});

it('takes half a write for none', () => {
  addon.openFence(fence.path);
  fence.write(Infinity);

  const file = openSync(fence.path, 'r+');
  writeSync(file, Buffer.alloc(8), 0, 8, 0);
  closeSync(file);

  expect(addon.isFencePast()).toBe(true);
});
