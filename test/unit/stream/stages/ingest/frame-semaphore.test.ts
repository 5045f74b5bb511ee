import { expect, it } from 'vitest';
import { FrameSemaphore } from '#src/stream/stages/ingest/frame-semaphore.js';

/** A semaphore, and the frames that it gave back. */
function world(maxFrames: number) {
  const released: number[] = [];
  const semaphore = new FrameSemaphore({ maxFrames, release: (handle) => void released.push(handle) });
  return { semaphore, released };
}

it('lets in as many as there are places for, the others in their order', async () => {
  const { semaphore } = world(2);
  const inside: number[] = [];
  const entering = [1, 2, 3, 4].map(async (handle) => {
    await semaphore.acquire();
    semaphore.hold(handle);
    inside.push(handle);
  });
  await Promise.all(entering.slice(0, 2));
  expect(inside).toEqual([1, 2]);

  semaphore.release(1);
  await entering[2];
  expect(inside).toEqual([1, 2, 3]);
  semaphore.release(3);
  await entering[3];
  expect(inside).toEqual([1, 2, 3, 4]);
});

it('keeps places that nobody waits for', async () => {
  const { semaphore } = world(1);
  await semaphore.acquire();
  semaphore.hold(1);
  semaphore.release(1);

  await expect(semaphore.acquire()).resolves.toBeUndefined();
});

it('releases each frame once, those that are left at the end', async () => {
  const { semaphore, released } = world(3);
  for (const handle of [1, 2, 3]) {
    await semaphore.acquire();
    semaphore.hold(handle);
  }

  semaphore.release(2);
  semaphore.release(2);
  semaphore.releaseAll();
  semaphore.releaseAll();
  semaphore.release(3);

  expect(released).toEqual([2, 1, 3]);
});
