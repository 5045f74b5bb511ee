import { Subject } from 'rxjs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { Backoff } from '#src/shared/retry/backoff.js';
import { SourceSupervisor, type SupervisedSession } from '#src/stream/supervision/source-supervisor.adapter.js';

const frame = { handle: 1, ptsMs: 0 } as NativeFrame;

class ScriptedSession implements SupervisedSession {
  readonly frames$ = new Subject<NativeFrame>();
  readonly ended: Promise<'eos'>;
  isClosed = false;
  end: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.end = () => resolve('eos');
      this.fail = reject;
    });
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

function create({
  failures = [] as Error[],
  delayMs = (_: DiptychError, backoffMs: number): number => backoffMs,
} = {}) {
  const sessions: ScriptedSession[] = [];
  const losses: (string | undefined)[] = [];
  const delays: number[] = [];
  const clock = { nowMs: 0 };
  const supervisor = new SourceSupervisor<ScriptedSession>({
    open: () => {
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      const session = new ScriptedSession();
      sessions.push(session);
      return Promise.resolve(session);
    },
    backoff: new Backoff({ baseMs: 1, capMs: 1, floorMs: 1 }),
    nowMs: () => clock.nowMs,
    stallMs: 500,
    delayMs,
    onSession: () => undefined,
    onLost: (error, retryInMs) => {
      losses.push(error?.code);
      delays.push(retryInMs);
    },
  });
  const controller = new AbortController();
  const frames: NativeFrame[] = [];
  supervisor.frames$.subscribe((next) => frames.push(next));
  const running = supervisor.run(controller.signal);
  return { supervisor, sessions, losses, delays, clock, frames, running, stop: () => controller.abort() };
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await delay(1);
};

describe('SourceSupervisor', () => {
  it('opens again what failed, what ended, and what could not be opened', async () => {
    const unreachable = new DiptychError('DIPTYCH_E_SOURCE_UNREACHABLE', 'nobody there');
    const { sessions, losses, running, stop } = create({ failures: [unreachable] });

    await until(() => sessions.length === 1);
    sessions[0]?.end();
    await until(() => sessions.length === 2);
    sessions[1]?.fail(new DiptychError('DIPTYCH_E_SOURCE_FORMAT', 'not a picture'));
    await until(() => sessions.length === 3);
    stop();
    await running;

    expect(losses).toEqual(['DIPTYCH_E_SOURCE_UNREACHABLE', undefined, 'DIPTYCH_E_SOURCE_FORMAT']);
    expect(sessions.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });

  it('waits longer where the failure asks for it, and only then', async () => {
    const failures = [
      new DiptychError('DIPTYCH_E_SOURCE_AUTH', 'refused'),
      new DiptychError('DIPTYCH_E_SOURCE_UNREACHABLE', 'nobody there'),
    ];
    const { sessions, delays, running, stop } = create({
      failures,
      delayMs: ({ code }, backoffMs) => (code === 'DIPTYCH_E_SOURCE_AUTH' ? 30 : backoffMs),
    });

    await until(() => sessions.length === 1);
    stop();
    await running;

    expect(delays).toEqual([30, 1]);
  });

  it('hands on the frames of every session and completes at the end', async () => {
    const { supervisor, sessions, frames, running, stop } = create();
    let isComplete = false;
    supervisor.frames$.subscribe({ complete: () => (isComplete = true) });

    await until(() => sessions.length === 1);
    sessions[0]?.frames$.next(frame);
    sessions[0]?.end();
    await until(() => sessions.length === 2);
    sessions[1]?.frames$.next(frame);
    stop();
    await running;

    expect(frames).toHaveLength(2);
    expect(isComplete).toBe(true);
  });

  it('is lost before the first frame, live with it, stalled without, lost at the end', async () => {
    const { supervisor, sessions, clock, running, stop } = create();
    await until(() => sessions.length === 1);
    const seen = [supervisor.condition];

    sessions[0]?.frames$.next(frame);
    seen.push(supervisor.condition);
    clock.nowMs = 501;
    seen.push(supervisor.condition);
    sessions[0]?.end();
    await until(() => sessions.length === 2);
    seen.push(supervisor.condition);
    stop();
    await running;

    expect(seen).toEqual(['lost', 'live', 'stalled', 'lost']);
  });

  it('opens the source anew when it is told to, and says why', async () => {
    const { supervisor, sessions, losses, frames, running, stop } = create();
    await until(() => sessions.length === 1);

    supervisor.restart(new DiptychError('DIPTYCH_E_GPU_LOST', 'gone'));
    await until(() => sessions.length === 2);
    sessions[1]?.frames$.next(frame);
    stop();
    await running;

    expect(losses).toEqual(['DIPTYCH_E_GPU_LOST']);
    expect(sessions.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect(frames).toEqual([frame]);
  });

  it('wraps what is not an error of ours', async () => {
    const { sessions, losses, running, stop } = create({ failures: [new TypeError('odd')] });

    await until(() => sessions.length === 1);
    stop();
    await running;

    expect(losses).toEqual(['DIPTYCH_E_INTERNAL']);
  });
});
