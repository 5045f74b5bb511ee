import { describe, expect, it, vi } from 'vitest';
import { handOver, type HandOverSteps, type Succession } from '#src/gateway/streams/hand-over.adapter.js';
import type { RunListeners, StreamRun } from '#src/gateway/streams/stream-run.js';
import type { MediaPosition, StreamReport } from '#src/shared/ipc/messages.js';

const READY: StreamReport = { type: 'ready', publishableVideo: [] };
const POSITION = { video: { nextSequence: 7 }, audio: { nextSequence: 8 } } satisfies MediaPosition;
const ESTIMATE = { video: { nextSequence: 107 }, audio: { nextSequence: 108 } } satisfies MediaPosition;
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
  const send: StreamRun['send'] = (command) => {
    if (command.type === 'send-media') log.push(`${name} goes on at ${command.position.video.nextSequence}`);
    return true;
  };
  return { ended, answers: true, pid: 1, streamsInProcess: 1, send, stop, end };
}

/** What is known of where the media of the former run ended. */
interface Positions {
  readonly released?: MediaPosition | null;
  readonly estimated?: MediaPosition | null;
}

function begin({ released = POSITION, estimated = ESTIMATE }: Positions = {}) {
  const log: string[] = [];
  const former = scriptedRun('former', log);
  const successor = scriptedRun('successor', log);
  const aborting = new AbortController();
  let listeners: RunListeners | undefined;
  const succession = {
    isCaughtUp: (report: StreamReport) => report.type === 'reached',
    takeOver: () => log.push('taken over'),
    position: () => Promise.resolve(estimated ?? undefined),
  } as unknown as Succession;
  const steps: HandOverSteps = {
    ...{ former, succession, signal: aborting.signal },
    start: (given) => {
      listeners = given;
      return successor;
    },
    release: () => {
      log.push('former asked');
      return Promise.resolve(released ?? undefined);
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
  it('lets the next run go on where the former one ended once it has caught up, and ends that', async () => {
    const { log, result, report, silence } = begin();

    silence();
    report(READY);
    report(READY);
    report(REACHED);
    await vi.advanceTimersByTimeAsync(0);

    expect(await result).toBe(true);
    expect(log).toEqual([
      ...['former asked', 'successor goes on at 7', 'replaced', 'taken over', 'report: ready', 'former stopped'],
    ]);
  });

  it.each<[string, (started: ReturnType<typeof begin>) => unknown]>([
    ['ends by itself', ({ former }) => former.end()],
    ['does not say where its media ended', ({ report }) => report(REACHED)],
  ])('ends the former one first where that %s, and goes on near its end', async (_, change) => {
    const started = begin({ released: null });

    change(started);
    await vi.advanceTimersByTimeAsync(0);

    expect(await started.result).toBe(true);
    const { log } = started;
    expect(log.indexOf('former stopped')).toBeLessThan(log.indexOf('successor goes on at 107'));
    expect(log.indexOf('successor goes on at 107')).toBeLessThan(log.indexOf('taken over'));
  });

  it('gives up where nobody knows where the media ended', async () => {
    const { log, result, report } = begin({ released: null, estimated: null });

    report(REACHED);
    await vi.advanceTimersByTimeAsync(0);

    expect(await result).toBe(false);
    expect(log).toEqual(['former asked', 'former stopped', 'successor stopped']);
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
