import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import type { Frame } from '#src/shared/domain/frame.js';
import { admitFrames } from '#src/stream/stages/ingest/admit-frames.operator.js';

const frame = (handle: number): Frame => ({
  ...{ handle, ptsMs: handle, width: 2, height: 2 },
  ...{ memory: 'system', format: 'NV12' },
});

/** Frames enter when `admit` says so; `failing` makes `ready` reject. */
function world({ failing = false } = {}) {
  const source = new Subject<Frame>();
  const turns: (() => void)[] = [];
  const out: unknown[] = [];
  const released: number[] = [];
  const subscription = source
    .pipe(
      admitFrames<Frame>({
        semaphore: { acquire: () => new Promise((resolve) => void turns.push(resolve)) },
        ready: () => (failing ? Promise.reject(new Error('full')) : Promise.resolve()),
        release: (handle) => void released.push(handle),
      }),
    )
    .subscribe({
      next: ({ handle }) => out.push(handle),
      error: (error: unknown) => out.push((error as Error).message),
      complete: () => out.push('complete'),
    });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const admit = async (): Promise<void> => {
    turns.shift()?.();
    await settle();
  };
  return { source, out, released, subscription, settle, admit };
}

it('lets frames in one by one, in order, and completes after the last', async () => {
  const { source, out, settle, admit } = world();
  for (const handle of [1, 2]) source.next(frame(handle));
  source.complete();
  await settle();
  expect(out).toEqual([]);

  await admit();
  expect(out).toEqual([1]);
  await admit();
  expect(out).toEqual([1, 2, 'complete']);
});

it('releases what waits when nobody listens any more, and lets nothing in afterwards', async () => {
  const { source, out, released, subscription, settle, admit } = world();
  for (const handle of [1, 2, 3]) source.next(frame(handle));
  await settle();
  await admit();

  subscription.unsubscribe();
  await admit();

  expect([out, released]).toEqual([[1], [2, 3]]);
});

it('releases what waits when whoever takes the output fails', async () => {
  const { source, out, released, settle } = world({ failing: true });
  for (const handle of [1, 2]) source.next(frame(handle));
  await settle();

  expect([out, released]).toEqual([['full'], [1, 2]]);
});
