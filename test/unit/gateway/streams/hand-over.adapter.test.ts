import { describe, expect, it, vi } from 'vitest';
import { handOver, type HandOverSteps, type Succession } from '#src/gateway/streams/hand-over.adapter.js';
import type { RunListeners, StreamRun } from '#src/gateway/streams/stream-run.js';
import type { StreamReport } from '#src/shared/ipc/messages.js';

const READY: StreamReport = { type: 'ready', publishableVideo: [] };
const REACHED: StreamReport = { type: 'reached', reached: { revision: 0, slotAction: 0 } };

/** A run that ends when it is told to stop, and when the test says so. */
function scriptedRun(name: string, log: string[]): StreamRun & { readonly end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
  });
  const stop = (): void => {
    log.push(`${name} stopped`);
    end();
  };
  return { ended, answers: true, pid: 1, streamsInProcess: 1, send: () => true, stop, end };
}

function begin() {
  const log: string[] = [];
  const former = scriptedRun('former', log);
  const successor = scriptedRun('successor', log);
  const aborting = new AbortController();
  let listeners: RunListeners | undefined;
  const succession = {
    isCaughtUp: (report: StreamReport) => report.type === 'reached',
    takeOver: () => log.push('viewers go over'),
  } as unknown as Succession;
  const steps: HandOverSteps = {
    ...{ former, succession, signal: aborting.signal },
    start: (given) => {
      listeners = given;
      return successor;
    },
    replace: () => log.push('replaced'),
    onReport: ({ type }) => log.push(`report: ${type}`),
    onSilent: () => log.push('silent'),
  };
  vi.useFakeTimers();
  const result = handOver(steps).finally(() => vi.useRealTimers());
  const report = (news: StreamReport): unknown => listeners?.onReport(news);
  return { log, former, successor, aborting, report, result, silence: () => listeners?.onSilent?.() };
}

describe('handOver', () => {
  it('lets the next run take over once it has caught up, and ends the former one a moment later', async () => {
    const { log, result, report, silence } = begin();

    silence();
    report(READY);
    report(READY);
    report(REACHED);
    await vi.advanceTimersByTimeAsync(2_999);
    const before = [...log];
    await vi.advanceTimersByTimeAsync(1);

    expect(await result).toBe(true);
    expect(before).toEqual(['replaced', 'viewers go over', 'report: ready']);
    expect(log).toEqual([...before, 'former stopped']);
  });

  it('lets it take over at once when the former one ends by itself', async () => {
    const { log, result, former, report } = begin();

    former.end();
    await vi.advanceTimersByTimeAsync(0);
    report(READY);

    expect(await result).toBe(true);
    expect(log.slice(0, 2)).toEqual(['replaced', 'viewers go over']);
  });

  it.each<[string, (started: ReturnType<typeof begin>) => unknown]>([
    ['ends by itself', ({ successor }) => successor.end()],
    ['shows nothing for half a minute, such as with a camera that allows one session', () => undefined],
    ['is not wanted any more', ({ aborting }) => aborting.abort()],
  ])('leaves the stream to the former one when the next one %s', async (_, change) => {
    const started = begin();

    change(started);
    await vi.advanceTimersByTimeAsync(30_000);

    expect(await started.result).toBe(false);
    expect(started.log).toEqual(['successor stopped']);
  });
});
