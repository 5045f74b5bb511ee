import { expect, it } from 'vitest';
import { timedBackend, type TimedCall } from '#src/stream/monitor/timed-backend.js';

type Backend = Parameters<typeof timedBackend>[0];

/** A backend whose calls take as long as is said, on a clock of its own; its methods belong to a class. */
function world({ fails = false } = {}) {
  let nowMs = 0;
  const calls: TimedCall[] = [];
  const after = async <T>(ms: number, answer: T): Promise<T> => {
    await Promise.resolve();
    nowMs += ms;
    if (fails) throw new Error('broken');
    return answer;
  };
  class Parts {
    readonly model = 'm';
    readonly detect = () => after(3, 'detections');
    readonly embed = () => after(5, 'embeddings');
    readonly paint = () => after(7, 'picture');
    moved = 0;
    toBackendMemory(): undefined {
      this.moved += 1;
    }
  }
  const parts = new Parts();
  const backend = Object.assign(parts, { detector: parts, embedder: parts, painter: parts, artwork: { plates: [] } });
  const timed = timedBackend(
    backend as unknown as Backend,
    (call) => calls.push(call),
    () => nowMs,
  );
  return { timed, calls, parts };
}

it.each([
  { stage: 'detect', ask: ({ detector }: Backend) => detector.detect({} as never), ms: 3, answer: 'detections' },
  { stage: 'reid', ask: ({ embedder }: Backend) => embedder!.embed([], {} as never), ms: 5, answer: 'embeddings' },
  { stage: 'compose', ask: ({ painter }: Backend) => painter.paint({} as never), ms: 7, answer: 'picture' },
])('times $stage from question to answer', async ({ stage, ask, ms, answer }) => {
  const { timed, calls } = world();

  expect(await ask(timed)).toBe(answer);
  expect(await ask(timed)).toBe(answer);

  expect(calls).toEqual([
    { stage, begunMs: 0, endedMs: ms },
    { stage, begunMs: ms, endedMs: 2 * ms },
  ]);
});

it('tells nothing of a call that failed', async () => {
  const { timed, calls } = world({ fails: true });

  await expect(timed.painter.paint({} as never)).rejects.toThrow('broken');

  expect(calls).toEqual([]);
});

it('hands through what takes no time', () => {
  const { timed, parts } = world();

  void timed.toBackendMemory({} as never);

  expect([parts.moved, timed.artwork, timed.detector.model]).toEqual([1, { plates: [] }, 'm']);
});

it('has no embedder where there is none', () => {
  const { timed } = world();

  expect(timedBackend({ ...timed, embedder: undefined }, () => undefined)).not.toHaveProperty('embedder');
});
