import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import type { Frame } from '#src/shared/domain/frame.js';
import { toBackendMemory } from '#src/stream/stages/ingest/to-backend-memory.operator.js';

const frame = (handle: number, memory: Frame['memory'] = 'system'): Frame => ({
  handle,
  memory,
  ptsMs: handle,
  width: 2,
  height: 2,
  format: 'NV12',
});

/** Frames of system memory are brought over when `arrive` says so, under a handle that is 100 more. */
function world(maxUnderWay?: number) {
  const arrivals = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  const source = new Subject<Frame>();
  const out: number[] = [];
  const released: number[] = [];
  const ends: unknown[] = [];
  let dropped = 0;
  const subscription = source
    .pipe(
      toBackendMemory<Frame>({
        move: (given) =>
          given.memory === 'cuda'
            ? undefined
            : new Promise((resolve, reject) => {
                arrivals.set(given.handle, {
                  resolve: () => resolve({ ...given, handle: given.handle + 100, memory: 'cuda' }),
                  reject,
                });
              }),
        release: (handle) => released.push(handle),
        ...(maxUnderWay !== undefined && { maxUnderWay }),
        onDrop: () => (dropped += 1),
      }),
    )
    .subscribe({
      next: ({ handle }) => out.push(handle),
      error: (error: unknown) => ends.push(error),
      complete: () => ends.push('complete'),
    });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { source, out, released, ends, arrivals, settle, subscription, droppedCount: () => dropped };
}

it('passes at once what is there already', () => {
  const { source, out } = world();

  source.next(frame(1, 'cuda'));

  expect(out).toEqual([1]);
});

it('keeps the order, whoever arrives first', async () => {
  const { source, out, arrivals, settle, ends } = world();

  source.next(frame(1));
  source.next(frame(2));
  source.next(frame(3, 'cuda'));
  source.complete();
  arrivals.get(2)!.resolve();
  await settle();
  expect(out).toEqual([]);
  arrivals.get(1)!.resolve();
  await settle();

  expect(out).toEqual([101, 102, 3]);
  expect(ends).toEqual(['complete']);
});

it('drops what comes on top of what is under way', async () => {
  const { source, out, released, arrivals, settle, droppedCount } = world(1);

  source.next(frame(1));
  source.next(frame(2));
  arrivals.get(1)!.resolve();
  await settle();

  expect([out, released, droppedCount()]).toEqual([[101], [2], 1]);
});

it('releases what arrives after the subscription ended, and reports a failure', async () => {
  const first = world();
  first.source.next(frame(1));
  first.subscription.unsubscribe();
  first.arrivals.get(1)!.resolve();
  await first.settle();
  expect([first.out, first.released]).toEqual([[], [101]]);

  const second = world();
  second.source.next(frame(1));
  second.arrivals.get(1)!.reject(new Error('full'));
  await second.settle();
  expect(second.ends).toEqual([new Error('full')]);
});
