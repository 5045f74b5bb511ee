import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemorySaver } from '#src/stream/monitor/memory-saver.adapter.js';

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function saverFor(streams: { count: number }) {
  const addon = {
    returnFreeMemory: vi.fn(() => Promise.resolve()),
    unmapLoadedCode: vi.fn(() => Promise.resolve(0)),
  };
  return {
    addon,
    saver: new MemorySaver(
      () => addon,
      () => streams.count,
    ),
  };
}

it('gives back what opening took, once, when a stream has shown pictures', () => {
  const { addon, saver } = saverFor({ count: 1 });

  saver.streamIsReady();

  vi.advanceTimersByTime(9_000);
  expect(addon.unmapLoadedCode).not.toHaveBeenCalled();
  vi.advanceTimersByTime(MINUTE_MS);
  expect(addon.unmapLoadedCode).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(addon.unmapLoadedCode).toHaveBeenCalledTimes(1);
});

it.each([
  [0, 1],
  [1, 0],
])(
  'with %i streams, unmaps code of what was opened in advance %i times: a stream is opening the rest',
  async (count, times) => {
    const { addon, saver } = saverFor({ count });

    await saver.prepared();

    expect(addon.returnFreeMemory).toHaveBeenCalledTimes(1);
    expect(addon.unmapLoadedCode).toHaveBeenCalledTimes(times);
  },
);

it.each([
  [0, 0],
  [1, 40],
  [2, 0],
])('with %i streams, gives free memory back %i times in 10 minutes', (count, freed) => {
  const { addon } = saverFor({ count });

  vi.advanceTimersByTime(10 * MINUTE_MS);

  expect(addon.returnFreeMemory).toHaveBeenCalledTimes(freed);
  expect(addon.unmapLoadedCode).not.toHaveBeenCalled();
});
