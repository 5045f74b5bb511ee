import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetryLoop, type Attempt, type Retry } from '#src/shared/retry/retry-loop.adapter.js';

const FATAL = new Error('fatal');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** What the n-th attempt does: how long it works, and how it ends. */
interface Script {
  readonly afterMs?: number;
  readonly workingFromMs?: number;
  readonly end: 'returns' | 'throws' | 'throws finally' | 'runs on';
}

/** Waits as a work does, until it is time or it is told to end. */
const pause = (ms: number, { signal }: Attempt): Promise<void> =>
  new Promise((resolve) => {
    if (ms === 0) resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

function create(...scripts: readonly Script[]) {
  const log: string[] = [];
  const worked: number[] = [];
  const startMs = performance.now();
  const say = (text: string): void => void log.push(`${Math.round(performance.now() - startMs)} ${text}`);
  const describeRetry = (retry: Retry): string =>
    retry.cause === 'failed' ? `failed: ${(retry.error as Error).message}` : `restarted: ${String(retry.reason)}`;
  let runs = 0;
  const loop = new RetryLoop({
    run: async (attempt) => {
      const { afterMs = 0, workingFromMs, end } = scripts[runs++] ?? { end: 'runs on' };
      say(`begins ${attempt.number}`);
      if (workingFromMs !== undefined) {
        await pause(workingFromMs, attempt);
        attempt.markWorking();
      }
      await pause(end === 'runs on' ? 1e9 : afterMs, attempt);
      say(`ends ${attempt.number}`);
      if (end === 'throws' && !attempt.signal.aborted) throw new Error('broken');
      if (end === 'throws finally') throw FATAL;
    },
    policy: {
      nextDelayMs: (workedMs) => {
        worked.push(workedMs);
        return worked.length * 100;
      },
    },
    isFinal: (error) => error === FATAL,
    onRetry: (retry) => say(describeRetry(retry)),
  });
  const stop = new AbortController();
  const result = loop.run(stop.signal).catch((error: unknown) => error);
  return { loop, log, worked, stop, result };
}

describe('a retry loop', () => {
  it.each<[string, readonly Script[], readonly string[], unknown]>([
    ['that is done', [{ afterMs: 5, end: 'returns' }], ['0 begins 1', '5 ends 1'], 'done'],
    [
      'that fails, and again, waits longer each time, and is done at last',
      [{ end: 'throws' }, { end: 'throws' }, { end: 'returns' }],
      [
        ...['0 begins 1', '0 ends 1', '0 failed: broken'],
        ...['100 begins 2', '100 ends 2', '100 failed: broken'],
        ...['300 begins 3', '300 ends 3'],
      ],
      'done',
    ],
    [
      'that no retry can mend',
      [{ end: 'throws' }, { afterMs: 7, end: 'throws finally' }],
      ['0 begins 1', '0 ends 1', '0 failed: broken', '100 begins 2', '107 ends 2'],
      FATAL,
    ],
  ])('%s', async (_name, scripts, expected, expectedResult) => {
    const { log, result } = create(...scripts);

    await vi.advanceTimersByTimeAsync(1000);

    expect(log).toEqual(expected);
    expect(await result).toBe(expectedResult);
  });

  it.each<[string, Script, number]>([
    ['never worked', { afterMs: 50, end: 'throws' }, 0],
    ['worked from its beginning', { workingFromMs: 0, afterMs: 50, end: 'throws' }, 50],
    ['worked after a while', { workingFromMs: 30, afterMs: 20, end: 'throws' }, 20],
  ])('tells the policy for how long an attempt worked that %s', async (_name, script, expectedMs) => {
    const { worked } = create(script);

    await vi.advanceTimersByTimeAsync(60);

    expect(worked).toEqual([expectedMs]);
  });

  it.each<[string, number, readonly string[]]>([
    ['an attempt', 10, ['0 begins 1', '10 ends 1']],
    ['a delay', 70, ['0 begins 1', '50 ends 1', '50 failed: broken']],
  ])('ends in the middle of %s when it is told to, and stays so', async (_name, stopMs, expected) => {
    const { loop, log, stop, result } = create({ afterMs: 50, end: 'throws' });

    await vi.advanceTimersByTimeAsync(stopMs);
    stop.abort();
    await vi.advanceTimersByTimeAsync(1000);

    expect(await result).toBe('stopped');
    expect(log).toEqual(expected);
    expect(loop.restart()).toBe(false);
    expect(await loop.run(new AbortController().signal)).toBe('stopped');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins nothing where it was told to end before', async () => {
    const run = vi.fn<() => Promise<void>>();
    const loop = new RetryLoop({ run, policy: { nextDelayMs: () => 0 } });

    expect(await loop.run(AbortSignal.abort())).toBe('stopped');
    expect(run).not.toHaveBeenCalled();
  });

  it.each<[string, number, readonly string[]]>([
    ['an attempt', 10, ['0 begins 1', '10 ends 1', '10 restarted: wanted', '10 begins 2']],
    ['a delay', 70, ['0 begins 1', '50 ends 1', '50 failed: broken', '70 begins 2']],
  ])('cuts %s short when it is restarted, without waiting', async (_name, restartMs, expected) => {
    const { loop, log, worked, stop } = create({ afterMs: 50, end: 'throws' });

    await vi.advanceTimersByTimeAsync(restartMs);
    const isRestarted = loop.restart('wanted');
    await vi.advanceTimersByTimeAsync(1000);

    expect(isRestarted).toBe(true);
    expect(log).toEqual(expected);
    expect(worked).toHaveLength(restartMs > 50 ? 1 : 0);
    expect(loop.state).toBe('running');
    stop.abort();
  });

  it('restarts an attempt that returns just then, and is not done', async () => {
    const { loop, log, stop } = create({ afterMs: 10, end: 'returns' });

    await vi.advanceTimersByTimeAsync(9);
    loop.restart('wanted');
    await vi.advanceTimersByTimeAsync(10);

    expect(log).toEqual(['0 begins 1', '9 ends 1', '9 restarted: wanted', '9 begins 2']);
    stop.abort();
  });

  it('is started again after it was done, and counts from one', async () => {
    const { loop, log, result } = create({ end: 'returns' }, { end: 'returns' });
    await vi.advanceTimersByTimeAsync(1);
    await result;
    expect(loop.restart()).toBe(false);

    const again = loop.run(new AbortController().signal);
    await vi.advanceTimersByTimeAsync(1);

    expect(await again).toBe('done');
    expect(log).toEqual(['0 begins 1', '0 ends 1', '1 begins 1', '1 ends 1']);
  });

  it('passes through its states in order', async () => {
    const { loop, result } = create({ afterMs: 10, end: 'throws' }, { afterMs: 10, end: 'returns' });
    const seen = [loop.state];

    for (const atMs of [15, 100, 100]) {
      await vi.advanceTimersByTimeAsync(atMs);
      seen.push(loop.state);
    }

    expect(seen).toEqual(['running', 'waiting', 'running', 'done']);
    await result;
  });

  it.each<[string, (loop: RetryLoop, stop: AbortController) => void]>([
    ['restarted', (loop) => void loop.restart()],
    ['stopped', (_loop, stop) => stop.abort()],
  ])('tells an attempt that waits for it when it is %s', async (_name, interrupt) => {
    const stop = new AbortController();
    let ends = 0;
    const loop = new RetryLoop({
      run: async ({ aborted }) => {
        await aborted;
        ends++;
      },
      policy: { nextDelayMs: () => 0 },
    });
    const result = loop.run(stop.signal);

    interrupt(loop, stop);
    await vi.advanceTimersByTimeAsync(0);

    expect(ends).toBe(1);
    stop.abort();
    expect(await result).toBe('stopped');
  });

  it('leaves no listener on a signal that outlives it', async () => {
    const signal = new AbortController().signal;
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const loop = new RetryLoop({ run: () => Promise.resolve(), policy: { nextDelayMs: () => 0 } });

    await loop.run(signal);

    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  });
});
